// The page behind a signed link: shows exactly what is asked, and takes an answer. It needs no token, because its
// signature stands for one approval as it was asked; looking never answers. It names no secret and loads nothing.

import { type ApprovalRow, type Clock, type Guard, toFailure } from "@holdfast/core";
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import type { ApprovalLinks } from "../host/approval-link.ts";
import { plainApproval } from "./guard-plain.ts";
import { AnswerForm } from "./guard-request.ts";

export interface ApprovalPage {
  readonly guard: Guard | undefined;
  readonly clock: Clock;
  readonly links: ApprovalLinks;
}

/** Largest form, in bytes. */
const FORM_BYTES_MAX = 16 * 1024;
/** Newest approvals among which one is looked for. */
const LOOK_MAX = 1_000;
type Markup = ReturnType<typeof html>;

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  // Without any, a form would say that it comes from nowhere.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

export function addApprovalPage(app: Hono, page: ApprovalPage): void {
  app.use("/approve/*", async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });
  app.use(
    "/approve/*",
    bodyLimit({
      maxSize: FORM_BYTES_MAX,
      onError: (c) => c.html(framed("Too much", html`<p>This form is too large.</p>`), 413),
    }),
  );
  app.get("/approve/:id", async (c) => {
    const row = await signedRow(page, c.req.param("id"), c.req.query("sign"));
    if (row === undefined) return c.html(UNKNOWN, 404);
    const end = endOf(row, page.clock.now());
    return c.html(framed(titleOf(row), html`${described(row)}${end ?? FORM}`));
  });
  app.post("/approve/:id", async (c) => {
    const row = await signedRow(page, c.req.param("id"), c.req.query("sign"));
    if (row === undefined || page.guard === undefined) return c.html(UNKNOWN, 404);
    const form = AnswerForm.safeParse(await c.req.parseBody().catch(() => ({})));
    if (!form.success) {
      const why = html`<p class="bad">Say who you are, and choose one of the two.</p>`;
      return c.html(framed(titleOf(row), html`${described(row)}${why}${FORM}`), 422);
    }
    const { verdict, actor, reason } = form.data;
    const approved = verdict === "approve";
    try {
      const said = reason === "" ? "by signed link" : `${reason} (by signed link)`;
      const answered = await page.guard.answer({ id: row.id, approved, actor, reason: said });
      const what = html`<p><strong>${answered.state}</strong> by ${actor}.</p>`;
      return await c.html(framed(titleOf(row), html`${described(row)}${what}`));
    } catch (error) {
      const { code, message } = toFailure(error);
      const why = html`<p class="bad">${message}</p>
        <p>${code}</p>`;
      return c.html(framed(titleOf(row), html`${described(row)}${why}`), 409);
    }
  });
}

/** The approval that a link is for; nobody learns whether there is another one with this id. */
async function signedRow(
  { guard, links }: ApprovalPage,
  id: string,
  signature: string | undefined,
): Promise<ApprovalRow | undefined> {
  if (guard === undefined || signature === undefined || signature.length > 100) return undefined;
  const waiting = await guard.approvals({ state: "asked", limit: LOOK_MAX });
  const row =
    waiting.find((one) => one.id === id) ??
    (await guard.approvals({ limit: LOOK_MAX })).find((one) => one.id === id);
  return row !== undefined && links.isSigned(row, signature) ? row : undefined;
}

/** Why there is nothing to answer any more. */
function endOf({ state, expiresAt, decidedBy }: ApprovalRow, now: number): Markup | undefined {
  if (state !== "asked") return html`<p><strong>${state}</strong> by ${decidedBy ?? "guard"}.</p>`;
  if (expiresAt <= now) return html`<p><strong>expired</strong>: nobody answered in time.</p>`;
  return undefined;
}

function titleOf({ ref }: ApprovalRow): string {
  return `Approve ${ref}?`;
}

function described(row: ApprovalRow): Markup {
  const { command, ...approval } = plainApproval(row);
  const { symbol, counterparty, detail, leverage, limitPrice } = command;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["Operation", command.operation],
    ["Which", detail],
    ["At most", `${command.amount} USDC`],
    ["Moves", `${command.notional} USDC`],
    ["To", counterparty],
    ["Symbol", symbol],
    ["Leverage", leverage === undefined ? undefined : String(leverage)],
    ["Worst price", limitPrice === undefined ? undefined : `${limitPrice} USDC`],
    ["Account", approval.account],
    ["Run", approval.run],
    ["Why", approval.why],
    ["Asked", new Date(approval.askedAt).toISOString()],
    ["Until", new Date(approval.expiresAt).toISOString()],
  ];
  const rows = lines.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          html`<tr>
            <th>${name}</th>
            <td>${value}</td>
          </tr>`,
        ],
  );
  return html`<table>
    ${rows}
  </table>`;
}

/** Sent to the page's own address, whatever stands before it. */
const FORM: Markup = html`<form method="post">
  <label>Your name <input name="actor" required maxlength="200" autocomplete="name" /></label>
  <label>Why <input name="reason" maxlength="1000" /></label>
  <p>
    <button name="verdict" value="approve">Approve</button>
    <button name="verdict" value="reject">Reject</button>
  </p>
</form>`;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
th{text-align:left;padding-right:1rem;vertical-align:top;font-weight:600}td{overflow-wrap:anywhere}
label{display:block;margin:1rem 0}input{display:block;width:100%;font:inherit;padding:.4rem}
button{font:inherit;padding:.5rem 1.5rem;margin-right:.5rem}.bad{color:#b00020}`;

function framed(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`;
}

const UNKNOWN: Markup = framed(
  "Unknown link",
  html`<p>
    This link is for no approval, or what it was for has changed. See them: holdfast approvals.
  </p>`,
);

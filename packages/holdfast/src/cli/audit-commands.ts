// `audit` and `audit verify`: what was decided, by whom and why, and whether the log of it is whole.

import { type AuditReport, type AuditRow, HoldfastError } from "@holdfast/core";
import { say, sayJson, table } from "./print.ts";
import { type Common, connectToLook } from "./running.ts";

export interface AuditOptions extends Common {
  readonly after?: number;
  readonly limit: number;
}

export interface VerifyAuditOptions extends Common {
  readonly head?: string;
}

export async function auditCommand(options: AuditOptions): Promise<void> {
  const { limit, json } = options;
  const control = await connectToLook(options);
  let { after } = options;
  if (after === undefined) {
    const { audit } = (await control.get("/api/guard")) as {
      readonly audit: { readonly position: number };
    };
    after = Math.max(0, audit.position - limit);
  }
  const page = { after: String(after), limit: String(limit) };
  const { rows } = (await control.get("/api/audit", page)) as {
    readonly rows: readonly AuditRow[];
  };
  if (json === true) {
    sayJson({ rows });
    return;
  }
  if (rows.length === 0) {
    say("Nothing was written down.");
    return;
  }
  const head = ["position", "at", "by", "what", "of", "why"];
  say(
    table(
      head,
      rows.map(({ position, at, actor, action, subject, reason }) => [
        String(position),
        new Date(at).toISOString().replace("T", " ").slice(0, 19),
        actor,
        action,
        subject,
        reason,
      ]),
    ),
  );
}

const WHAT: Readonly<Record<NonNullable<AuditReport["fault"]>["kind"], string>> = {
  changed: "the row there is not what was written",
  missing: "a row is missing there, or stands in another place",
  cut: "rows from there on are gone, or others stand in their place",
};

/** @throws HF-AUDIT-HEAD where the noted end cannot be read */
export async function verifyAuditCommand(options: VerifyAuditOptions): Promise<void> {
  const noted = options.head === undefined ? {} : headOf(options.head);
  const control = await connectToLook(options);
  const report = (await control.get("/api/audit/verify", noted)) as unknown as AuditReport;
  const { rows, head, fault } = report;
  if (fault !== undefined) process.exitCode = 1;
  if (options.json === true) {
    sayJson(report);
    return;
  }
  if (fault === undefined) {
    say(`The audit log is whole: ${rows} rows.`);
    say(`Note its end somewhere else: --head ${head.position}:${head.hash}`);
  } else {
    say(`The audit log is broken at position ${fault.position}: ${WHAT[fault.kind]}.`);
    say(
      `The ${rows} rows before it are whole. Compare with a backup: holdfast audit --after ${Math.max(0, fault.position - 2)}`,
    );
  }
}

function headOf(text: string): Readonly<Record<"position" | "hash", string>> {
  const [, position = "", hash = ""] = /^(\d{1,15}):([0-9a-f]{64})$/u.exec(text) ?? [];
  if (position !== "") return { position, hash };
  throw new HoldfastError(
    "HF-AUDIT-HEAD",
    `Cannot read ${JSON.stringify(text.slice(0, 100))} as the end of an audit log: expected POSITION:HASH, as "holdfast audit verify" says it.`,
    { class: "data", disposition: "refused", outcome: "not-sent" },
  );
}

// `venue register | claim | balance | positions | close-all | change`: a person acts at the project's venue. Every
// deed has a key, which is printed, so that one whose answer was lost can be repeated without acting twice.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { HoldfastError, type Usdc, formatUsdc, toFailure } from "@holdfast/core";
import { clean } from "../terminal/text.ts";
import { type Access, type AccessOptions, assertKey, openAccess } from "../venue/access.ts";
import { changeKey } from "../venue/change-key.ts";
import { registerByHand } from "../venue/registration.ts";
import { leave, say, sayJson, table } from "./print.ts";

export interface VenueOptions extends AccessOptions {
  readonly json?: boolean;
}

export interface WriteOptions extends VenueOptions {
  readonly key?: string;
}

export interface RegisterOptions extends WriteOptions {
  readonly name?: string;
}

export interface CloseAllOptions extends WriteOptions {
  readonly yes?: boolean;
}

export interface ChangeOptions extends VenueOptions {
  readonly newKeyFrom?: string;
  readonly otherAgent?: boolean;
}

/** Exit code where positions stayed open. */
const PARTLY = 1;

export async function balanceCommand(options: VenueOptions): Promise<void> {
  const access = await opened(options);
  const balance = await access.client.wallet.balance();
  const held = balance.held_micros;
  const shown = {
    ...about(access),
    agent: balance.agent_id,
    available: formatUsdc(balance.usdc_micros),
    held: held === undefined ? null : formatUsdc(held),
    btc: balance.btc ?? null,
  };
  await answer(options, shown, () => [
    heading(access, shown.agent),
    `available ${shown.available} USDC`,
    ...(shown.held === null ? [] : [`held      ${shown.held} USDC`]),
    ...(shown.btc === null ? [] : [`btc       ${shown.btc}`]),
  ]);
}

export async function positionsCommand(options: VenueOptions): Promise<void> {
  const access = await opened(options);
  const positions = await positionsOf(access);
  if (options.json !== true && positions.length > 0) say(positionTable(positions));
  await answer(options, { ...about(access), positions }, () =>
    positions.length === 0 ? [`No open positions: ${heading(access)}.`] : [],
  );
}

export async function claimCommand(options: WriteOptions): Promise<void> {
  const access = await opened(options);
  const key = options.key ?? randomUUID();
  const claimed = await deed(access, key, () =>
    access.client.faucet.claim({ key, ref: `cli/claim/${key}` }),
  );
  const shown = {
    ...about(access),
    amount: formatUsdc(claimed.amount_micros),
    transaction: claimed.tx_hash,
    nextClaimAt: claimed.next_claim_at ?? null,
    key,
  };
  await answer(options, shown, () => [
    `Claimed ${shown.amount} USDC for ${heading(access)} (key ${key}).`,
  ]);
}

export async function registerCommand(options: RegisterOptions): Promise<void> {
  const access = await openAccess(options);
  const { agentId, grant, secret, key } = await registerByHand(access, options);
  const shown = {
    ...about(access),
    agent: agentId,
    grant: grant === undefined ? null : formatUsdc(grant),
    secret,
    key,
  };
  await answer(options, shown, () => [
    `Registered agent ${agentId} for ${heading(access)}${shown.grant === null ? "" : `, with ${shown.grant} USDC`}.`,
    `Its API key lies among the secrets of ${access.folder.path} (${secret}).`,
  ]);
}

export async function closeAllCommand(options: CloseAllOptions): Promise<void> {
  const access = await opened(options);
  const key = options.key ?? randomUUID();
  if (options.yes !== true) await confirmClosing(access);
  const closed = await deed(access, key, () =>
    access.client.trade.closeAll({ key, ref: `cli/close-all/${key}` }),
  );
  const notClosed = (closed.errors ?? []).map(({ position_id: id, code }) => ({ id, code }));
  const shown = {
    ...about(access),
    closed: closed.closed.map(({ position_id: id }) => id),
    notClosed,
    realised: formatUsdc(closed.realised_pnl_micros),
    fees: formatUsdc(closed.fees_micros),
    key,
  };
  if (notClosed.length > 0) process.exitCode = PARTLY;
  await answer(options, shown, () => [
    `Closed ${shown.closed.length} positions of ${heading(access)}: realised ${shown.realised} USDC, fees ${shown.fees} USDC (key ${key}).`,
    ...notClosed.map(({ id, code }) => `Still open: ${id} (${code}).`),
  ]);
}

export async function changeCommand(options: ChangeOptions): Promise<void> {
  const access = await openAccess(options);
  const newKey = await newKeyOf(options);
  const { otherAgent = false } = options;
  const { agentId, before, secret } = await changeKey(access, newKey, { otherAgent });
  const shown = { ...about(access), agent: agentId, before: before ?? null, secret };
  await answer(options, shown, () => [
    `Changed the API key of ${heading(access, agentId)}. A process that runs takes it with its next request.`,
    ...(before === agentId ? [] : [`The agent before was ${before ?? "unknown"}.`]),
  ]);
}

async function opened(options: VenueOptions): Promise<Access> {
  const access = await openAccess(options);
  assertKey(access);
  return access;
}

interface ShownPosition {
  readonly id: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly entryPrice: string;
  readonly markPrice: string;
  readonly size: string;
  readonly margin: string;
  readonly unrealised: string;
}

async function positionsOf({ client }: Access): Promise<readonly ShownPosition[]> {
  const money = (amount: Usdc): string => formatUsdc(amount);
  return (await client.trade.positions()).map((position) => ({
    id: position.position_id,
    symbol: position.symbol,
    side: position.side,
    quantity: position.quantity,
    entryPrice: money(position.entry_price_micros),
    markPrice: money(position.mark_price_micros),
    size: money(position.size_micros),
    margin: money(position.margin_micros),
    unrealised: money(position.unrealised_pnl_micros),
  }));
}

function positionTable(positions: readonly ShownPosition[]): string {
  const head = ["id", "symbol", "side", "quantity", "entry", "mark", "margin", "unrealised"];
  return table(
    head,
    positions.map((one) => [
      one.id,
      one.symbol,
      one.side,
      one.quantity,
      one.entryPrice,
      one.markPrice,
      one.margin,
      one.unrealised,
    ]),
  );
}

/** @throws HF-NOT-CONFIRMED */
async function confirmClosing(access: Access): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new HoldfastError(
      "HF-NOT-CONFIRMED",
      'Cannot close all positions without a word from you: add --yes, or look first with "holdfast venue positions".',
      { class: "data" },
    );
  }
  const positions = await positionsOf(access);
  if (positions.length > 0) say(positionTable(positions));
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  const word = await asked.question(
    clean(`Close ${positions.length} positions of ${heading(access)}? [y/N] `),
  );
  asked.close();
  if (/^y(es)?$/iu.test(word.trim())) return;
  throw new HoldfastError("HF-NOT-CONFIRMED", "Did not close anything.", { class: "data" });
}

/** The new key, from a variable or from the standard input: never from the command line, which others can see. */
async function newKeyOf({ newKeyFrom }: ChangeOptions): Promise<string> {
  const found =
    newKeyFrom === undefined
      ? process.stdin.isTTY
        ? ""
        : await text(process.stdin)
      : (process.env[newKeyFrom] ?? "");
  const newKey = found.trim();
  if (newKey !== "") return newKey;
  throw new HoldfastError(
    "HF-API-KEY-MISSING",
    newKeyFrom === undefined
      ? "Cannot change the API key: no new one was given. Pipe it in (holdfast venue change < new-key.txt), or name a variable with --new-key-from."
      : `Cannot change the API key: the variable ${newKeyFrom} is empty.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}

/** Carries a deed out; where nobody knows whether it happened, says how to find out. */
async function deed<Answer>(
  { venue }: Access,
  key: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (toFailure(error).outcome === "unknown") {
      process.stderr.write(
        venue.profile.idempotency === "none"
          ? "It may have happened, and this venue honours no keys: look before you repeat it.\n"
          : `It may have happened. The same command with --key ${key} does not act twice.\n`,
      );
    }
    throw error;
  }
}

function about({ venue, account }: Access): Readonly<Record<string, string>> {
  return { venue: venue.url, mode: venue.identity.mode, account };
}

function heading({ venue, account }: Access, agent?: string): string {
  const who = agent === undefined ? "" : ` (agent ${agent})`;
  return `account ${account}${who} at the ${venue.identity.mode} venue ${venue.url}`;
}

async function answer(
  { json }: VenueOptions,
  shown: object,
  lines: () => readonly string[],
): Promise<void> {
  if (json === true) sayJson(shown);
  else for (const line of lines()) say(clean(line));
  await leave();
}

// How commands speak: plain text for people, JSON where it is asked for, errors that say what to do. Text that
// others wrote cannot steer the terminal.

import { toFailure } from "@holdfast/core";
import colors from "picocolors";
import { pageOf } from "../control/page.ts";
import { clean } from "../terminal/text.ts";

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Prints an error and sets the exit code. */
export function sayError(error: unknown): void {
  const { code, message } = expected(error)
    ? toFailure(error)
    : { code: "HF-UNEXPECTED", message: `Cannot go on: ${messageOf(error)}${MORE}` };
  const paint = colors.createColors(colors.isColorSupported && process.stderr.isTTY);
  const lines = message.split("\n").map(clean).join("\n");
  const page = pageOf(code);
  const more = page === undefined ? "" : `${paint.dim(`More: ${page}`)}\n`;
  process.stderr.write(`${paint.red("error")} ${lines}\n${paint.dim(code)}\n${more}`);
  if (process.env["HOLDFAST_DEBUG"] !== undefined && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ""}\n`);
  }
  process.exitCode = 1;
}

/** Ends the process when all that was said has left: what a project's code has left open must not hold it. */
export async function leave(): Promise<never> {
  await new Promise<void>((resolve) => {
    process.stdout.write("", () => {
      resolve();
    });
  });
  process.exit();
}

/** Said of what nobody foresaw. */
const MORE = " (HOLDFAST_DEBUG=1 shows where)";

function expected(error: unknown): boolean {
  return typeof error === "object" && error !== null && "disposition" in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Columns of text, each as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(clean));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const paint = colors.createColors(colors.isColorSupported && process.stdout.isTTY);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint.bold(line(head)), ...cells.map(line)].join("\n");
}

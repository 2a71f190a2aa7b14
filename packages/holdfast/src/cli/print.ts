// How commands speak: plain text for people, JSON where it is asked for, errors that say what to do.

import { toFailure } from "@holdfast/core";
import colors from "picocolors";

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Prints an error and sets the exit code. */
export function sayError(error: unknown): void {
  const failure = toFailure(error);
  const paint = colors.createColors(process.stderr.isTTY);
  process.stderr.write(`${paint.red("error")} ${failure.message}\n${paint.dim(failure.code)}\n`);
  if (process.env["HOLDFAST_DEBUG"] !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack ?? ""}\n`);
  process.exitCode = 1;
}

/** Columns of text, each as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const paint = colors.createColors(process.stdout.isTTY);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint.bold(line(head)), ...rows.map(line)].join("\n");
}

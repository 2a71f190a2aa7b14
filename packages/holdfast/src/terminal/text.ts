// Text for terminals: what others wrote must not steer one, and a line must fit.

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Replaces control characters and those that turn the direction of writing. */
export function clean(text: string): string {
  return text.replace(CONTROL, "\ufffd");
}

/** Cuts a line to so many columns, not counting colour codes, and ends its colours. */
export function clip(line: string, width: number): string {
  let seen = 0;
  let out = "";
  // oxlint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/u)) {
    if (part.startsWith("\u001b")) {
      out += part;
      continue;
    }
    const characters = Array.from(part);
    out += characters.slice(0, Math.max(0, width - seen)).join("");
    seen += characters.length;
  }
  return out;
}

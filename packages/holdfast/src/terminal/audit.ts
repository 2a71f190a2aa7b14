// Asks the paper venue's audit how many effects there were for how many intents, over HTTP as anybody would.

import { z } from "zod";

const Audit = z.object({
  effects: z.number(),
  refs: z.number(),
  duplicateEffects: z.number(),
});

export type AuditFigures = z.output<typeof Audit>;

/** Undefined where there is no audit, or none now. */
export async function readAudit(url: string | undefined): Promise<AuditFigures | undefined> {
  if (url === undefined) return undefined;
  try {
    const response = await fetch(url, { headers: { accept: "application/json" } });
    return Audit.parse(await response.json());
  } catch {
    return undefined;
  }
}

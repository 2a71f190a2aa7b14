// Links by which a person answers an approval without the control API's token: signed with a secret of the state
// folder, for this approval alone, as it was asked, and until it expires. Journals hold where a link goes in, never
// the link itself: it is made when a message leaves.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { ApprovalRow } from "@holdfast/core";
import type { Secrets } from "../secret/secrets.ts";

/** The secret's name in the state folder. */
const SECRET = "approval-link";
const PLACE = /\{approve ([0-9a-f]{1,64}) ([0-9a-f]{64}) (\d{1,16})\}/gu;

/** What a link is signed over. */
interface Signed {
  readonly id: string;
  readonly fingerprint: string;
  readonly expiresAt: number;
}

export interface ApprovalLinks {
  /** The address of an approval's page. */
  urlOf(row: ApprovalRow): string;
  hasPlace(text: string): boolean;
  /** Puts links where a text has places for them. */
  expand(text: string): string;
  /** Whether a signature is the one of this approval as it was asked. */
  isSigned(row: ApprovalRow, signature: string): boolean;
}

/** Where a link goes in a text that is kept. */
export function placeOfLink(row: ApprovalRow): string {
  const { id, fingerprint, expiresAt } = signedOf(row);
  return `{approve ${id} ${fingerprint} ${expiresAt}}`;
}

/** The secret that links are signed with; made where there is none. @throws HF-STATE-… */
export async function linkSecret(secrets: Secrets): Promise<string> {
  const known = secrets.read(SECRET);
  if (known !== undefined && known !== "") return known;
  const made = randomBytes(32).toString("base64url");
  await secrets.save(SECRET, made);
  return made;
}

/** @param base address before the path, without a slash at its end */
export function approvalLinks(secret: string, base: () => string): ApprovalLinks {
  const sign = ({ id, fingerprint, expiresAt }: Signed): Buffer =>
    createHmac("sha256", secret).update(`approval\n${id}\n${fingerprint}\n${expiresAt}`).digest();
  const url = (signed: Signed): string =>
    `${base()}/approve/${signed.id}?sign=${sign(signed).toString("base64url")}`;
  return {
    urlOf: (row) => url(signedOf(row)),
    hasPlace: (text) => text.search(PLACE) >= 0,
    expand: (text) =>
      text.replaceAll(PLACE, (_place, id: string, fingerprint: string, expiresAt: string) =>
        url({ id, fingerprint, expiresAt: Number(expiresAt) }),
      ),
    isSigned(row, signature) {
      // Digests have one length, so that comparing takes one time.
      const given = createHash("sha256").update(Buffer.from(signature, "base64url")).digest();
      const own = createHash("sha256")
        .update(sign(signedOf(row)))
        .digest();
      return timingSafeEqual(given, own);
    },
  };
}

/** Any change of what is asked is another fingerprint. */
function signedOf({ id, key, run, account, command, expiresAt }: ApprovalRow): Signed {
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([id, key, run, account, command]))
    .digest("hex");
  return { id, fingerprint, expiresAt };
}

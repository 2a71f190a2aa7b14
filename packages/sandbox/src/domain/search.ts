// What anybody may know of names: whether they are free, and what a year of them costs.

import { type DomainOffer, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { isoOf } from "./answer.ts";
import { type BadName, type Name, labelProblem, readName } from "./name.ts";
import { EXPIRED_MS, GRACE_MS } from "./registration.ts";
import { priceOf } from "./terms.ts";

export type OfferAnswer = z.input<typeof DomainOffer>;

/** With a dot one name; without, the label with every ending that is sold. */
export function search(text: string, context: Context): readonly OfferAnswer[] | BadName {
  const { domains } = context.terms;
  if (text.includes(".")) {
    const name = readName(text, domains);
    return name.kind === "bad" ? name : [offer(name, context)];
  }
  const problem = labelProblem(text);
  if (problem !== undefined) return { kind: "bad", code: "domain_invalid", detail: problem };
  return Object.keys(domains.endings).map((ending) =>
    offer({ kind: "name", name: `${text}.${ending}`, label: text, ending }, context),
  );
}

function offer(name: Name, { store, terms, agent }: Context): OfferAnswer {
  const price = priceOf(name, 1, terms.domains);
  const holder = store.domains.holder(name.name);
  return {
    name: name.name,
    available: holder === undefined,
    price_micros: toMicros(price),
    price_usdc: toGuideNumber(price),
    owned: holder?.agent === agent,
    expires_at: holder === undefined ? null : isoOf(holder.expiresAt),
    released_at: holder === undefined ? null : isoOf(holder.expiresAt + GRACE_MS + EXPIRED_MS),
  };
}

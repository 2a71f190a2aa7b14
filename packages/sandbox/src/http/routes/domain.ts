// Paths of domains: registration, renewal, the agent's own names, and the search.

import {
  DOMAIN_TEXT_MAX,
  DomainStatus,
  RegisterDomainRequest,
  RenewDomainRequest,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import { domainAnswer } from "../../domain/answer.ts";
import { search } from "../../domain/search.ts";
import { ProblemError } from "../problem.ts";
import { lastPart, limitOf, queried } from "../query.ts";
import {
  type Asked,
  type ReadOptions,
  type Route,
  type WriteOptions,
  read,
  write,
} from "../route.ts";

const aliases = { name: ["domain", "domain_name"] };

const register: WriteOptions<typeof RegisterDomainRequest> = {
  schema: RegisterDomainRequest,
  aliases,
  command: ({ name, years }) => ({ operation: "register-domain", name, years }),
};

const renew: WriteOptions<typeof RenewDomainRequest> = {
  schema: RenewDomainRequest,
  aliases,
  command: ({ name, years, expires_at: expiresAt }) => ({
    operation: "renew-domain",
    name,
    years,
    expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
  }),
};

const ListQuery = z.object({ status: DomainStatus.optional() });
const SearchQuery = z.object({ q: z.string().min(1).max(DOMAIN_TEXT_MAX) });

const list: ReadOptions = {
  answer({ venue, agent, url }) {
    const { status } = queried(ListQuery, url);
    const limit = limitOf(url);
    const found = venue.look(agent, ({ store }) => store.domains.list(agent, limit, status));
    return { domains: found.map(domainAnswer) };
  },
};

const find: ReadOptions = {
  answer({ venue, agent, url }) {
    const { q } = queried(SearchQuery, url);
    const results = venue.look(agent, (context) => search(q, context));
    if ("kind" in results) throw new ProblemError(results.code, results.detail);
    return { results };
  },
};

export const domainRoutes: readonly Route[] = [
  write("main", "/api/v1/domains/register", "register-domain", register),
  write("main", "/api/domains/register", "register-domain", register),
  write("main", "/api/v1/domains/renew", "renew-domain", renew),
  write("main", "/api/domains/renew", "renew-domain", renew),
  read("main", "/api/v1/domains", "domains", list),
  read("main", "/api/domains", "domains", list),
  // Before the names: "search" is none.
  read("main", "/api/domains/search", "search-domains", find),
  read("main", "/api/domains/:name", "domain", { answer: one }),
];

function one({ venue, agent, path }: Asked): Json {
  const name = lastPart(path);
  const found = venue.look(agent, ({ store }) => store.domains.ownLast(agent, name));
  if (found !== undefined) return { ...domainAnswer(found) };
  throw new ProblemError("unknown_domain", "No domain of this agent has this name.");
}

// Domains: names that the agent registers, renews and looks for.

import type { z } from "zod";
import {
  type DomainStatus,
  DomainResponse,
  DomainSearchResponse,
  DomainsResponse,
} from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface DomainOrder {
  /** "example.com", in lower case. */
  readonly name: string;
  /** From 1 to 10. Default 1. */
  readonly years?: number | undefined;
}

export interface DomainRenewal extends DomainOrder {
  /** The expiry as the caller knows it, ISO 8601: at the paper venue a renewal is then made once only. */
  readonly expiresAt?: string | undefined;
}

export interface DomainsGroup {
  /** @throws PF-DOMAIN-TAKEN, PF-INSUFFICIENT-FUNDS */
  register(order: DomainOrder, mark: WriteMark): Promise<z.output<typeof DomainResponse>>;
  /** Adds years to the expiry. @throws PF-DOMAIN-EXPIRED, PF-INSUFFICIENT-FUNDS */
  renew(renewal: DomainRenewal, mark: WriteMark): Promise<z.output<typeof DomainResponse>>;
  /** The agent's newest registration of a name. @throws HF-VENUE-REFUSED (404) where it has none */
  get(name: string, mark?: ReadMark): Promise<z.output<typeof DomainResponse>>;
  /** The agent's registrations, newest first; at most 1,000, by default 50. */
  list(
    options?: { readonly status?: DomainStatus; readonly limit?: number },
    mark?: ReadMark,
  ): Promise<z.output<typeof DomainsResponse>["domains"]>;
  /** One name ("example.com"), or a label ("example") with every ending that is sold. */
  search(name: string, mark?: ReadMark): Promise<z.output<typeof DomainSearchResponse>["results"]>;
}

export function domainsGroup({ read, write, profile: { paths } }: Calls): DomainsGroup {
  return {
    register: ({ name, years }, mark) =>
      write(
        {
          operation: "register-domain",
          what: "register a domain",
          path: paths.registerDomain,
          body: { name, years },
          answer: DomainResponse,
        },
        mark,
      ),
    renew: ({ name, years, expiresAt }, mark) =>
      write(
        {
          operation: "renew-domain",
          what: "renew a domain",
          path: paths.renewDomain,
          body: { name, years, expires_at: expiresAt },
          answer: DomainResponse,
        },
        mark,
      ),
    get: (name, mark) => {
      const path = `${paths.domains}/${encodeURIComponent(name)}`;
      return read({ operation: "domain", path, answer: DomainResponse }, mark);
    },
    async list(options = {}, mark) {
      const path = `${paths.domains}${query(options)}`;
      return (await read({ operation: "domains", path, answer: DomainsResponse }, mark)).domains;
    },
    async search(name, mark) {
      const path = `${paths.searchDomains}${query({ q: name })}`;
      const call = { operation: "search-domains", path, answer: DomainSearchResponse };
      return (await read(call, mark)).results;
    },
  };
}

// What a venue gives and asks beyond trading: the faucet's gift, the prices of domains.

import { DEFAULT_FAUCET_TERMS, type FaucetTerms } from "../agent/faucet-terms.ts";
import { DEFAULT_DOMAIN_TERMS, type DomainTerms } from "../domain/terms.ts";

export interface Terms {
  readonly faucet: FaucetTerms;
  readonly domains: DomainTerms;
}

/** What is not said is as it is by default. */
export interface TermsOptions {
  readonly faucet?: Partial<FaucetTerms> | undefined;
  readonly domains?: Partial<DomainTerms> | undefined;
}

export function venueTerms({ faucet, domains }: TermsOptions): Terms {
  return {
    faucet: { ...DEFAULT_FAUCET_TERMS, ...faucet },
    domains: { ...DEFAULT_DOMAIN_TERMS, ...domains },
  };
}

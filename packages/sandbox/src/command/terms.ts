// What a venue gives, asks and allows beyond trading: each domain's own terms.

import { DEFAULT_FAUCET_TERMS, type FaucetTerms } from "../agent/faucet-terms.ts";
import { type CasinoRules, DEFAULT_CASINO } from "../casino/rules.ts";
import { DEFAULT_DOMAIN_TERMS, type DomainTerms } from "../domain/terms.ts";
import { DEFAULT_ESCROW_RULES, type EscrowRules } from "../escrow/rules.ts";
import type { WebhookOptions } from "../webhook/options.ts";
import type { WebhookTargets } from "../webhook/target.ts";

export interface Terms {
  readonly faucet: FaucetTerms;
  readonly domains: DomainTerms;
  readonly casino: CasinoRules;
  readonly escrow: EscrowRules;
  readonly webhookTargets: WebhookTargets;
}

/** What is not said is as it is by default. */
export interface TermsOptions {
  /** What the faucet gives and how long it waits. Default: 1 USDC per agent and 24 hours. */
  readonly faucet?: Partial<FaucetTerms> | undefined;
  /** What domains cost. Default: .com 18, .io 54, .ai 102, .xyz 14.40 USDC a year. */
  readonly domains?: Partial<DomainTerms> | undefined;
  /** What the casino pays and takes. Default: as the guides have it. */
  readonly casino?: Partial<CasinoRules> | undefined;
  /** How disputes are decided where nobody else does. Default: a day later, by what the payee has said. */
  readonly escrow?: Partial<EscrowRules> | undefined;
  /** Where webhooks may go, and how they are sent. Default: to this machine only. */
  readonly webhooks?: WebhookOptions | undefined;
}

export function venueTerms({ faucet, domains, casino, escrow, webhooks }: TermsOptions): Terms {
  return {
    faucet: { ...DEFAULT_FAUCET_TERMS, ...faucet },
    domains: { ...DEFAULT_DOMAIN_TERMS, ...domains },
    casino: { ...DEFAULT_CASINO, ...casino },
    escrow: { ...DEFAULT_ESCROW_RULES, ...escrow },
    webhookTargets: webhooks?.targets ?? "loopback",
  };
}

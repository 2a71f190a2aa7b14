// Ready-made agents.

export { openAgent } from "./account/open-agent.ts";
export { closeAll } from "./close/close-all.ts";
export { dca } from "./dca/dca.ts";
export { type Decision, DcaPlan, PERIODS_MAX, decide, nextPurchaseAt } from "./dca/plan.ts";
export { domainKeeper } from "./domains/domain-keeper.ts";
export { DomainPlan, nextLookAt, renewalAt } from "./domains/plan.ts";
export { drawdown, exceeds } from "./risk/drawdown.ts";
export { riskMonitor } from "./risk/risk-monitor.ts";
export { Order, OrderReport, placeResiliently, resilientOrder } from "./resilient/order.ts";
export { type Wish, wishOf } from "./resilient/signal.ts";
export { LETTERS_MAX, LETTERS_WARN, resilientTrader } from "./resilient/trader.ts";
export { escrowPayment } from "./escrow/escrow-payment.ts";
export { EscrowPlan } from "./escrow/plan.ts";

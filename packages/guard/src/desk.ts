// The guard's port over a book, whoever has its database: what people ask for is one transaction, and is answered
// when that is on disk.

import type {
  ApprovalAnswer,
  ApprovalRow,
  AuditHead,
  AuditReport,
  AuditRow,
  Guard,
  GuardPolicy,
  GuardStatus,
  ModeChange,
  ModeRequest,
} from "@holdfast/core";
import { parseScope } from "@holdfast/core/internal";
import { approvals, findApproval } from "./approvals.ts";
import { auditPage, verifyAudit } from "./audit.ts";
import { GUARD, endMode, liftModes, putMode } from "./modes.ts";
import { status } from "./status.ts";
import type { Steps } from "./steps.ts";

/** Something that a person asks of the guard. */
export interface Ask<Result> {
  readonly steps: () => Steps<Result>;
  /** The modes that it has changed, of its result. */
  readonly changes?: (result: Result) => readonly ModeChange[];
}

/** Who carries out what the desk is asked for. */
export interface DeskHost {
  readonly policy: GuardPolicy | undefined;
  now(): number;
  read<Result>(steps: () => Steps<Result>): Promise<Result>;
  /** Takes a person's answer, and tells the run that waits for it. */
  answer(answer: ApprovalAnswer): Promise<unknown>;
  /** One transaction, fulfilled when it is on disk. An error of the procedure leaves nothing of it. */
  ask<Result>(ask: Ask<Result>): Promise<Result>;
}

const LIST = 100;
const LIST_MAX = 1_000;

export class GuardDesk implements Guard {
  readonly #host: DeskHost;

  constructor(host: DeskHost) {
    this.#host = host;
  }

  status(): Promise<GuardStatus> {
    return this.#read(() => status(this.#host.policy, this.#host.now()));
  }

  async halt({ scope, actor, reason }: ModeRequest): Promise<readonly ModeChange[]> {
    const about = { scope: parseScope(scope), cause: "halt" } as const;
    const wanted = { ...about, mode: "HALTED", reason, actor } as const;
    return this.#change(() => putMode(wanted, this.#host.now()));
  }

  async lift({ scope, actor, reason }: ModeRequest): Promise<readonly ModeChange[]> {
    const read = parseScope(scope);
    return this.#change(() => liftModes(read, { actor, reason, now: this.#host.now() }));
  }

  approvals({ state, limit = LIST }: Parameters<Guard["approvals"]>[0] = {}): Promise<
    readonly ApprovalRow[]
  > {
    return this.#read(() => approvals(state, Math.min(limit, LIST_MAX)));
  }

  async answer(answer: ApprovalAnswer): Promise<ApprovalRow> {
    await this.#host.answer(answer);
    const found = await this.#read(() => findApproval(answer.id));
    if (found === undefined) throw new Error(`Approval ${answer.id} was answered and is gone.`);
    return found;
  }

  audit({ after = 0, limit = LIST }: Parameters<Guard["audit"]>[0] = {}): Promise<
    readonly AuditRow[]
  > {
    return this.#read(() => auditPage(after, Math.min(limit, LIST_MAX)));
  }

  verifyAudit(noted?: AuditHead): Promise<AuditReport> {
    return this.#read(() => verifyAudit(noted));
  }

  async breaker({ venue, isOpen, until, reason }: Parameters<Guard["breaker"]>[0]): Promise<void> {
    if (this.#host.policy === undefined) return;
    const about = { scope: `venue:${venue}`, cause: "breaker" } as const;
    if (isOpen) {
      const wanted = { ...about, mode: "REDUCE_ONLY", reason, actor: GUARD, until } as const;
      await this.#change(() => putMode(wanted, this.#host.now()));
    } else {
      await this.#host.ask({ steps: () => endMode(about, this.#host.now()) });
    }
  }

  #change(steps: () => Steps<readonly ModeChange[]>): Promise<readonly ModeChange[]> {
    return this.#host.ask({ steps, changes: (changes) => changes });
  }

  #read<Result>(steps: () => Steps<Result>): Promise<Result> {
    return this.#host.read(steps);
  }
}

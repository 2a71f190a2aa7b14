// What a host needs of an engine, and what opens one: said in the configuration where it is not the embedded one.

import type { Activity } from "../activity/definition.ts";
import type { Provided } from "../activity/resource.ts";
import type { Log } from "../base/log.ts";
import type { ModeChange } from "../guard/mode.ts";
import type { GuardPolicy } from "../guard/policy.ts";
import type { PoliciesOptions } from "../policy/policies.ts";
import type { OnBreaker } from "../port/breaker.ts";
import type { Clock } from "../port/clock.ts";
import type { DeadLetterPage, Engine } from "../port/engine.ts";
import type { Load } from "../port/load.ts";
import type { Guard } from "../port/guard.ts";
import type { Receiver } from "../port/move.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Client } from "./client.ts";

/** An engine as a host holds it. */
export interface HostedEngine extends Engine {
  readonly client: Client;
  /** What agents may do, and a person's word on it. Absent where nothing is kept, so that nothing can move money. */
  readonly guard?: Guard | undefined;
  /** Attempts that have begun here and not ended. */
  readonly inFlight: number;
  /** Takes nothing more, waits so long for attempts in flight, and lets go of everything. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface EngineRequest {
  /** Paths of modules from which all workflows can be reached by imports. */
  readonly modules: readonly string[];
  readonly workflows: readonly Workflow[];
  /** Activities that the project lists; an engine may know more. */
  readonly activities: readonly Activity[];
  readonly resources: readonly Provided[];
  /** Folder of the host's state on this machine. Absent: nothing is kept here. */
  readonly stateFolder?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Present where a start may wait for a server that does not answer. Default: it fails at once. */
  readonly patience?: Patience | undefined;
  /** Told once, when the engine has ended by itself and will do nothing more. */
  readonly onFailed?: ((error: unknown) => void) | undefined;
  /** Says when no run may begin from this process, because it has more to do than it can. */
  readonly load?: Load | undefined;
  /** What agents may do. Absent: modes alone bound them. */
  readonly guard?: GuardPolicy | undefined;
  /** To be told, after they are on disk, of modes that have changed. */
  readonly onModes?: ((changes: readonly ModeChange[]) => void) | undefined;
  /** How calls to venues are held back, by the venue's name; checked. Absent: they are not. */
  readonly policies?: PoliciesOptions | undefined;
  /** Told of each change of a breaker that this process has made. */
  readonly onBreaker?: OnBreaker | undefined;
  /** To be told when dead letters have changed: how many there are, and the newest ten. */
  readonly onDeadLetters?: ((page: DeadLetterPage) => void) | undefined;
}

/** What a start needs that waits for a server. */
export interface Patience {
  /** Aborted when nobody wants the start any more. */
  readonly signal: AbortSignal;
  /** Says what is waited for, and how long. */
  readonly say: (message: string) => void;
}

/** One thing that was looked at: fine, worth a look, or in the way of running; the last two say what to do. */
export interface EngineFinding {
  readonly about: string;
  readonly level: "fine" | "warn" | "problem";
  readonly says: string;
  readonly advice?: string;
}

export interface ExamineRequest {
  /** How long the project's venue remembers a key, in milliseconds; undefined where it honours none. */
  readonly keyTtlMs: number | undefined;
  /** Names of the project's workflows. */
  readonly workflows: readonly string[];
}

export interface ReceiveRequest {
  readonly workflows: readonly Workflow[];
  /** Names of the accounts that the project acts for. */
  readonly accounts: readonly string[];
  /** Folder of the state of the project's host. */
  readonly stateFolder: string;
  readonly clock: Clock;
}

/** Opens an engine; the value of `engine` in a configuration. */
export interface EngineFactory {
  readonly kind: "engine";
  /** For messages: "Temporal at 127.0.0.1:7233". */
  readonly name: string;
  open(request: EngineRequest): Promise<HostedEngine>;
  /** Looks at what the engine runs on, and changes nothing; for `holdfast doctor`. */
  examine?(request: ExamineRequest): Promise<readonly EngineFinding[]>;
  /** Takes runs over from another engine, without serving them; for `holdfast engine move`. */
  receive?(request: ReceiveRequest): Promise<Receiver>;
}

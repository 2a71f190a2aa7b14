// What an engine under contract must offer, and how a behaviour drives it.

import {
  type Activity,
  type Client,
  type Clock,
  type Engine,
  type Guard,
  type GuardPolicy,
  type ModeChange,
  type PoliciesOptions,
  type Provided,
  type Workflow,
  createClient,
} from "@holdfast/core";
import { type Driven, drive } from "../clock/drive.ts";
import { VirtualClock } from "../clock/virtual-clock.ts";

// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDefinition = Workflow<any, any, any, any, any> | Activity<any, any>;

/** An engine as the contract holds it. */
export type ContractEngine = Engine & Driven & { readonly guard: Guard };

export interface OpenRequest {
  readonly definitions: readonly AnyDefinition[];
  readonly clock: Clock;
  readonly resources?: readonly Provided[];
  readonly historySuggest?: number;
  /** What agents may do. */
  readonly guard?: GuardPolicy;
  /** Told of modes that have changed. */
  readonly onModes?: (changes: readonly ModeChange[]) => void;
  readonly policies?: PoliciesOptions;
}

export interface ContractTarget {
  /**
   * True where a network lies between the engine and who asks it: of two that come at once either may be first,
   * and what follows from an outcome may come after it. Default: false.
   */
  readonly remote?: boolean;
  /** Opens an engine on a store that lasts until `remove`. */
  open(request: OpenRequest): Promise<ContractEngine>;
  /** Ends an engine as a crash would: nothing is waited for. */
  crash(engine: ContractEngine): Promise<void>;
  remove(): Promise<void>;
}

/** One behaviour's world: a virtual clock and an engine that can be crashed and opened again. */
export class World implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly #target: ContractTarget;
  #request: OpenRequest;
  #engine: ContractEngine | undefined;
  #requests = 0;
  /** Modes that have changed, as the host of the engine is told. */
  readonly modes: ModeChange[] = [];
  /** Speaks to the engine of the moment, so that its runs outlive a crash. */
  readonly client: Client = createClient({
    engine: new Proxy({} as Engine, {
      get: (_target, member: keyof Engine) => {
        const { engine } = this;
        return engine[member].bind(engine);
      },
    }),
    newId: () => `request-${(this.#requests += 1)}`,
  });

  constructor(target: ContractTarget, request: Omit<OpenRequest, "clock">) {
    this.#target = target;
    const onModes = (changes: readonly ModeChange[]): void => void this.modes.push(...changes);
    this.#request = { ...request, clock: this.clock, onModes };
  }

  get engine(): ContractEngine {
    if (this.#engine === undefined) throw new Error("The world is not open.");
    return this.#engine;
  }

  async open(): Promise<this> {
    this.#engine = await this.#target.open(this.#request);
    return this;
  }

  get remote(): boolean {
    return this.#target.remote === true;
  }

  /** Lets everything happen that follows from an outcome: nothing is left where no network lies between. */
  async follow(): Promise<void> {
    if (this.remote) await this.settle();
  }

  /** Crashes the engine and opens it again, with other code where that is given. */
  async reopen(definitions?: readonly AnyDefinition[]): Promise<void> {
    if (definitions !== undefined) this.#request = { ...this.#request, definitions };
    if (this.#engine !== undefined) await this.#target.crash(this.#engine);
    this.#engine = await this.#target.open(this.#request);
  }

  /** Drives virtual time until the promise settles. */
  drive<Value>(promise: Promise<Value>): Promise<Value> {
    return drive(promise, { clock: this.clock, engines: () => [this.engine] });
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      await this.engine.idle();
    } while (this.engine.busy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#engine !== undefined) await this.#engine[Symbol.asyncDispose]();
    await this.#target.remove();
  }
}

/** A named behaviour of the port. */
export interface Behaviour {
  readonly name: string;
  readonly definitions: () => readonly AnyDefinition[];
  readonly historySuggest?: number;
  readonly guard?: () => GuardPolicy;
  readonly resources?: readonly Provided[];
  readonly policies?: PoliciesOptions;
  readonly run: (world: World) => Promise<void>;
}

// A whole system in one process under virtual time: the real engine on a file, the real paper venue over HTTP
// with its clock frozen, and the real client between them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Client, type Provided, provide } from "@holdfast/core";
import { type EmbeddedEngine, type EngineOptions, openEngine } from "@holdfast/engine";
import {
  type PurpleFlea,
  type SecretStore,
  type VenueProfile,
  createPurpleFlea,
  paperProfile,
  purpleFlea,
  secrets,
} from "@holdfast/purpleflea";
import { type Audit, type Sandbox, type SandboxOptions, openSandbox } from "@holdfast/sandbox";
import { type HeldVenue, VIRTUAL_START, VirtualClock, drive } from "@holdfast/testing";

export interface SceneOptions {
  readonly definitions: EngineOptions["definitions"];
  readonly engine?: Partial<EngineOptions>;
  readonly sandbox?: Partial<SandboxOptions>;
  /** ":memory:" for both, instead of files. */
  readonly memory?: boolean;
  /** What the client takes the venue for. Default: the paper venue's own. */
  readonly profile?: VenueProfile;
  /** Further resources. */
  readonly resources?: (scene: Scene) => readonly Provided[];
}

/** The system, with an agent registered at the venue under the account "default". */
export class Scene implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-scene-"));
  readonly #options: SceneOptions;
  #sandbox: Sandbox | undefined;
  #engine: EmbeddedEngine | undefined;
  #apiKey: string | undefined;
  #venueIsDown = false;
  /** Secrets that activities saved. */
  readonly saved = new Map<string, string>();

  private constructor(options: SceneOptions, start?: number) {
    this.#options = options;
    this.clock = new VirtualClock(start);
  }

  /** A system that goes on, in a folder of its own, with what is put there. */
  static async resume(
    options: SceneOptions,
    from: { readonly now: number; readonly apiKey: string; readonly put: (folder: string) => void },
  ): Promise<Scene> {
    const scene = new Scene(options, from.now);
    scene.#apiKey = from.apiKey;
    from.put(scene.folder);
    await scene.openVenue();
    await scene.openEngine();
    return scene;
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const scene = new Scene(options);
    await scene.openVenue();
    const registered = await scene
      .raw(undefined)
      .faucet.register({ name: "scene" }, { key: "scene-register", ref: "scene/register" });
    scene.#apiKey = registered.api_key;
    await scene.openEngine();
    return scene;
  }

  get engine(): EmbeddedEngine {
    if (this.#engine === undefined) throw new Error("The scene has no engine.");
    return this.#engine;
  }

  get sandbox(): Sandbox {
    if (this.#sandbox === undefined) throw new Error("The scene has no venue.");
    return this.#sandbox;
  }

  get client(): Client {
    return this.engine.client;
  }

  get apiKey(): string {
    return this.#apiKey ?? "";
  }

  raw(apiKey: string | undefined): PurpleFlea {
    return createPurpleFlea({
      baseUrl: this.sandbox.url,
      ...(apiKey === undefined ? {} : { apiKey }),
      profile: this.#profile,
    });
  }

  get #profile(): VenueProfile {
    return this.#options.profile ?? paperProfile;
  }

  async openVenue(): Promise<void> {
    const before = this.#sandbox;
    this.#venueIsDown = false;
    this.#sandbox = await openSandbox({
      path: this.#path("venue.sqlite"),
      clock: { mode: "frozen", now: this.clock.now() },
      ...(before === undefined ? {} : { port: Number(new URL(before.url).port) }),
      ...this.#options.sandbox,
    });
  }

  async openEngine(more: Partial<EngineOptions> = {}): Promise<void> {
    this.#engine = await this.engineOn(this.#path("journal.sqlite"), more);
  }

  /** A further engine of this system, on another journal. */
  engineOn(path: string, more: Partial<EngineOptions> = {}): Promise<EmbeddedEngine> {
    const store: SecretStore = {
      save: async (name, value) => {
        this.saved.set(name, value);
        return `secret:${name}`;
      },
    };
    return openEngine({
      path,
      definitions: this.#options.definitions,
      clock: this.clock,
      seed: "scene",
      // Faults strike by key: the same keys make a storm repeat.
      namespace: "scene",
      resources: [
        provide(
          purpleFlea,
          () =>
            createPurpleFlea({
              baseUrl: this.sandbox.url,
              apiKey: () => this.#apiKey,
              profile: this.#profile,
            }),
          this.#profile,
        ),
        provide(secrets, () => store),
        ...(this.#options.resources?.(this) ?? []),
      ],
      ...this.#options.engine,
      ...more,
    });
  }

  /** Ends the engine as a crash would, and opens it again. */
  async crash(more: Partial<EngineOptions> = {}): Promise<void> {
    this.engine.abandon();
    await this.openEngine(more);
  }

  /** Drives the one virtual time of engine and venue until the promise settles. */
  drive<Value>(
    promise: Promise<Value>,
    onJump?: (instant: number) => void | Promise<void>,
    engines?: readonly EmbeddedEngine[],
  ): Promise<Value> {
    return drive(promise, {
      clock: this.clock,
      engines: () => engines ?? [this.engine],
      venue: this.#held(),
      ...(onJump === undefined ? {} : { onJump }),
    });
  }

  audit(): Audit {
    this.sandbox.venue.assertInvariants();
    return this.sandbox.venue.audit();
  }

  /** Plants a bug: the engine forgets what it has recorded of its effects. */
  async forgetIntents(): Promise<void> {
    this.engine.abandon();
    using database = new DatabaseSync(join(this.folder, "journal.sqlite"));
    database.exec("DELETE FROM intent");
    await this.openEngine();
  }

  /** Lets requests that the venue has let go run to their end. */
  async settleVenue(): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  /** Stops the venue: connections are refused until it is opened again. */
  async closeVenue(): Promise<void> {
    await this.sandbox.close();
    this.#venueIsDown = true;
  }

  /** Checks what every proof leaves behind: journals that replay, and a ledger that sums to zero. */
  async [Symbol.asyncDispose](): Promise<void> {
    const problems = this.#engine === undefined ? [] : await this.#engine.verify();
    const audited = await this.#engine?.guard.verifyAudit();
    assert.equal(audited?.fault, undefined);
    await this.#engine?.[Symbol.asyncDispose]();
    if (this.#sandbox !== undefined && !this.#venueIsDown) {
      this.#sandbox.venue.assertInvariants();
      await this.#sandbox.close();
    }
    assert.deepEqual(problems, []);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return this.#options.memory === true ? ":memory:" : join(this.folder, name);
  }

  #held(): HeldVenue {
    const call = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> => {
      const { controlUrl, controlToken } = this.sandbox;
      const response = await fetch(`${controlUrl}/_sandbox/clock${path}`, {
        ...init,
        headers: { authorization: `Bearer ${controlToken}` },
      });
      return (await response.json()) as Record<string, unknown>;
    };
    return {
      held: async () => {
        if (this.#venueIsDown) return [];
        const { held } = await call("/held");
        return (held as { until: number }[]).map(({ until }) => until);
      },
      advanceTo: async (instant) => {
        if (this.#venueIsDown) return;
        await call("/advance", { method: "POST", body: JSON.stringify({ to: instant }) });
      },
    };
  }
}

export { VIRTUAL_START };

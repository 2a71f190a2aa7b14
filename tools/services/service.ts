// A real server for tests: how it is found, installed and started. One file beside this one for each.

export interface ServiceContext {
  /** Where the server keeps its data; removed when it has stopped. */
  readonly folder: string;
}

export interface Running extends AsyncDisposable {
  /** What tests read. */
  readonly variables: Readonly<Record<string, string>>;
  /** Resolves when the server has ended, whoever ended it; not for one that was resumed. */
  readonly ended: Promise<string>;
  /** Ends the server without disposing of its data: like a crash with SIGKILL, else in order. */
  halt(how: "SIGKILL" | "in order"): Promise<void>;
  /** Starts it again where it was halted: on its port, with its data. */
  resume(): Promise<void>;
}

export interface Service {
  readonly name: string;
  /** What `start` needs; undefined where it must be installed first. */
  find(): Promise<string | undefined>;
  /** The one command that installs it, and what that costs. */
  readonly install: {
    readonly command: readonly [string, ...string[]];
    readonly env?: Readonly<Record<string, string>>;
    readonly cost: string;
  };
  /** Starts it on loopback, on free ports; resolves when it answers. */
  start(program: string, context: ServiceContext): Promise<Running>;
}

// What a peer is: a system that runs durable work, described in words, and opened in a process of its own to do
// what the workloads ask. One file of `own` or `foreign` implements this for one system.

export const WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6"] as const;
export type WorkloadId = (typeof WORKLOADS)[number];

/** Work under way at once: what the workloads offer, and what peers with a limit of their own are set to. */
export const WIDTH = 100;

/** What the report says of a peer. */
export interface About {
  readonly version: string;
  /** What has happened to a step's result before the next step begins. */
  readonly durability: string;
  /** How it is set up, where that is not its default. */
  readonly settings: readonly string[];
  /** What makes its figures worse or better than they would be in somebody's hands. */
  readonly notes: readonly string[];
  /** What it cannot do, with the reason; the report shows a dash and says why. */
  readonly cannot?: Partial<Readonly<Record<WorkloadId, string>>>;
}

/** Where a peer works, and what it tells the workload. */
export interface Place {
  /** On disk; empty when the first process of a measurement opens it. */
  readonly folder: string;
  /** "host:port" of its server, by the name of the service. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Whether another process was killed on this folder, and this one goes on with its work. */
  readonly resumed: boolean;
  /** Called in a workflow where it falls asleep. */
  readonly asleep: (run: number) => void;
  /** Called in a step after a workflow's sleep. */
  readonly woke: (run: number) => void;
  /** The effect of a step that the world sees: a line in a file. It waits until all runs have been started. */
  readonly effect: (run: number, step: number) => Promise<void>;
}

/** A peer at work. Closing it waits for nothing: the process ends. */
export interface Opened {
  /** A run of so many steps, one after the other: from its start to its end. */
  readonly steps: (id: string, count: number) => Promise<unknown>;
  /** Starts a run that sleeps, then calls `woke` in a step; resolves when the start is acknowledged. */
  readonly sleeper: (run: number, ms: number) => Promise<unknown>;
  /** A run of so many steps at once and a join: from its start to its end. */
  readonly group: (id: string, count: number) => Promise<unknown>;
  /** Starts a run of three steps, each with its effect; resolves when the start is acknowledged. */
  readonly effects: (run: number) => Promise<unknown>;
  /** How many of the runs 0 to count - 1 of `effects` have not ended well, as the peer itself tells. */
  readonly unfinished: (count: number) => Promise<number>;
  /** Milliseconds of a bare question to the server, and of a durable write of 60 bytes; what the server says. */
  readonly hop?: () => Promise<Hop>;
  readonly close?: () => Promise<unknown>;
}

/** What the way to a server costs. */
export interface Hop {
  readonly roundTripMs: readonly number[];
  /** Absent where the server has no write that stands for one row. */
  readonly writeMs?: readonly number[];
  /** Version of the server and the state of fsync, as it answers itself. */
  readonly state: string;
}

export interface Peer {
  readonly about: About;
  readonly open: (place: Place) => Promise<Opened>;
}

/** Steps of a run with effects. */
export const EFFECT_STEPS = 3;

// Keeps the clock in the state file, so that a venue that restarts is in the same moment or later, never
// earlier than what it has answered.

import type { Store } from "../store/store.ts";
import { type ClockMode, type ClockState, VenueClock } from "./clock.ts";
import { type Wall, systemWall } from "./wall.ts";

export interface KeptClock {
  readonly clock: VenueClock;
  /** Writes the clock's state down. */
  readonly keep: () => void;
}

/** What an option asks for; what it leaves open is as the file left it. */
export interface ClockOption {
  readonly mode: ClockMode;
  readonly now?: number;
  /** Of a scaled clock. Default 1. */
  readonly rate?: number;
}

export function openClock(
  store: Store,
  option: ClockOption | undefined,
  wall: Wall = systemWall,
): KeptClock {
  const known = store.meta("clock");
  const kept = known === undefined ? undefined : (JSON.parse(known) as ClockState);
  const clock = new VenueClock(begin(kept, store.commands.lastAt(), option, wall.now()), wall);
  const keep = (): void => {
    store.setMeta("clock", JSON.stringify(clock.state));
  };
  keep();
  return { clock, keep };
}

function begin(
  kept: ClockState | undefined,
  lastAt: number,
  option: ClockOption | undefined,
  wall: number,
): ClockState {
  const mode = option?.mode ?? kept?.mode ?? "real";
  const floor = Math.max(lastAt, kept?.mode === "frozen" ? kept.now : 0);
  if (mode === "frozen") {
    const now = Math.max(floor, option?.now ?? (floor > 0 ? floor : wall));
    return { mode, now, offset: 0 };
  }
  if (mode === "scaled") {
    const now = Math.max(floor, kept?.mode === "scaled" ? kept.now : 0, option?.now ?? 0);
    const rate = option?.rate ?? kept?.rate ?? 1;
    return { mode, now: now > 0 ? now : wall, offset: 0, rate };
  }
  const asked = option?.now ?? wall + (kept?.mode === "real" ? kept.offset : 0);
  const now = Math.max(asked, floor);
  return { mode, now, offset: now - wall };
}

// Finds who holds an API key, live ones included where the venue takes them: the first use of such a key
// registers the agent that it names.

import type { VenueClock } from "../clock/clock.ts";
import type { Executor } from "../command/executor.ts";
import { isLiveKey } from "./api-key.ts";
import type { KeyHolder, KeyState, Keyring } from "./keyring.ts";
import { LIVE_PREFIX, adoption } from "./live-key.ts";

/** The agent of an API key, or why it opens nothing. */
export type FindHolder = (apiKey: string) => KeyHolder | KeyState | "live";

export function createFindHolder(
  keyring: Keyring,
  executor: Pick<Executor, "execute">,
  clock: VenueClock,
  acceptLiveKeys: boolean,
): FindHolder {
  return (apiKey) => {
    if (!isLiveKey(apiKey)) return keyring.find(apiKey, clock.now());
    if (!acceptLiveKeys || !apiKey.startsWith(LIVE_PREFIX)) return "live";
    const found = keyring.find(apiKey, clock.now());
    if (found !== "unknown") return found;
    const { command, sender } = adoption(apiKey);
    executor.execute(command, sender);
    return keyring.find(apiKey, clock.now());
  };
}

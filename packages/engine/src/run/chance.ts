// The randomness of a run: the same on every replay, and remembered, because what was drawn names no decision.

import { type Random, encode, seededRandom, uuidFrom } from "@holdfast/core";
import type { RunIdentity } from "./identity.ts";

export class Chance {
  readonly #identity: RunIdentity;
  readonly #drawn: string[] = [];
  #random: Random | undefined;

  constructor(identity: RunIdentity) {
    this.#identity = identity;
  }

  random(): number {
    const drawn = this.#source.next();
    this.#drawn.push(String(drawn));
    return drawn;
  }

  uuid(): string {
    const drawn = uuidFrom(this.#source);
    this.#drawn.push(drawn);
    return drawn;
  }

  /** True where a text holds what was drawn: other code draws otherwise. */
  isIn(text: string): boolean {
    return this.#drawn.some((drawn) => text.includes(drawn));
  }

  get #source(): Random {
    const { namespace, root, generation } = this.#identity;
    this.#random ??= seededRandom(encode([namespace, root, generation]));
    return this.#random;
  }
}

// Items between the line and their reader. It says when it is full and when it has room again, so that the line
// can be paused; what was on its way then still comes in.

export class Inbox<Item> {
  readonly #most: number;
  readonly #onRoom: () => void;
  #items: Item[] = [];
  #taker: ((item: Item | undefined) => void) | undefined;
  #isEnded = false;
  #error: Error | undefined;
  #wasFull = false;

  constructor(most: number, onRoom: () => void) {
    this.#most = most;
    this.#onRoom = onRoom;
  }

  /** Adds an item; true where no more should come for now. */
  add(item: Item): boolean {
    if (this.#isEnded) return false;
    const taker = this.#taker;
    if (taker === undefined) this.#items.push(item);
    else {
      this.#taker = undefined;
      taker(item);
    }
    this.#wasFull ||= this.#items.length >= this.#most;
    return this.#wasFull;
  }

  /** The next item, when there is one; undefined at the end. Throws what it ended with. One taker at a time. */
  async take(): Promise<Item | undefined> {
    const item = this.#items.shift();
    if (item !== undefined) {
      if (this.#wasFull && this.#items.length <= this.#most / 2) {
        this.#wasFull = false;
        this.#onRoom();
      }
      return item;
    }
    if (!this.#isEnded) {
      if (this.#taker !== undefined) throw new TypeError("A stream has one reader.");
      const { promise, resolve } = Promise.withResolvers<Item | undefined>();
      this.#taker = resolve;
      const given = await promise;
      if (given !== undefined) return given;
    }
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  /** No more comes. What is there is still given, unless it is to be dropped. */
  end({
    error,
    drop = false,
  }: { readonly error?: Error | undefined; readonly drop?: boolean } = {}): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    if (drop) this.#items = [];
    this.#taker?.(undefined);
    this.#taker = undefined;
  }
}

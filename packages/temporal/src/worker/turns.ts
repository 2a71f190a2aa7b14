// Who may begin in this worker, and beside whom. A call that was in flight in two crashes begins only while nothing
// else does, and nothing begins beside it. In its first seconds a worker begins nothing that another one has lost:
// all that was lost with it must have come, so that suspects come first, in the order in which they were decided.

export interface Place {
  /** It runs alone. */
  readonly suspect: boolean;
  /** Its last attempt was lost with its worker. */
  readonly lost: boolean;
  /** When its call was decided, and which it is: the order of suspects. */
  readonly at: number;
  readonly name: string;
}

export interface Turn extends Disposable {
  readonly alone: boolean;
  /** It stood in line: what it knew before may be out of date. */
  readonly waited: boolean;
}

interface Waiting {
  readonly place: Place;
  readonly begin: () => void;
}

export class Turns {
  readonly #suspects: Waiting[] = [];
  readonly #others: Waiting[] = [];
  #running = 0;
  #lone = false;
  #isOpen = false;

  /** Places that nobody may take yet, whoever else runs. */
  get held(): number {
    if (this.#isOpen) return 0;
    return this.#suspects.length + this.#others.length;
  }

  /** All that was lost before this worker began has come. */
  open(): void {
    this.#isOpen = true;
    this.#advance();
  }

  /** The turn of whoever need not wait; undefined for whoever must. */
  tryEnter(place: Place): Turn | undefined {
    // Before all that was lost has come, others go on, but not before a suspect that has.
    const mayBegin = this.#isOpen || (!place.lost && this.#suspects.length === 0);
    return place.suspect || this.#lone || !mayBegin
      ? undefined
      : this.#begun({ alone: false, waited: false });
  }

  /** Waits in line; undefined when it is not wanted there any more. */
  enter(place: Place, unwanted: AbortSignal): Promise<Turn | undefined> {
    const { promise, resolve } = Promise.withResolvers<Turn | undefined>();
    const line = place.suspect ? this.#suspects : this.#others;
    const waiting: Waiting = {
      place,
      begin: () => resolve(this.#begun({ alone: place.suspect, waited: true })),
    };
    line.push(waiting);
    if (place.suspect) line.sort(inOrder);
    const leave = (): void => {
      const index = line.indexOf(waiting);
      if (index !== -1) line.splice(index, 1);
      resolve(undefined);
      this.#advance();
    };
    if (unwanted.aborted) leave();
    else unwanted.addEventListener("abort", leave, { once: true });
    this.#advance();
    return promise;
  }

  #advance(): void {
    while (this.#isOpen && !this.#lone) {
      const line = this.#running === 0 && this.#suspects.length > 0 ? this.#suspects : this.#others;
      const next = line.shift();
      if (next === undefined) return;
      next.begin();
    }
  }

  #begun(how: Pick<Turn, "alone" | "waited">): Turn {
    const { alone } = how;
    this.#running += 1;
    if (alone) this.#lone = true;
    let isOver = false;
    return {
      ...how,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#running -= 1;
        if (alone) this.#lone = false;
        this.#advance();
      },
    };
  }
}

function inOrder({ place: a }: Waiting, { place: b }: Waiting): number {
  return a.at - b.at || (a.name < b.name ? -1 : 1);
}

/** Of whoever needs none. */
export const NO_TURN: Turn = { alone: false, waited: false, [Symbol.dispose]: () => undefined };

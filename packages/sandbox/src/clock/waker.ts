// Who has work at instants of the venue's clock, beside the answers that are held.

export interface Waker {
  /** The next instant, at most `to`, at which there is work. */
  next(to: number): number | undefined;
  /** Does what is due by then; a frozen clock stands at that instant until it resolves. Never rejects. */
  run(at: number): void | Promise<void>;
  /** A frozen clock has come to where it was moved, and stands there. Never rejects. */
  arrive?(at: number): void | Promise<void>;
}

/** The one of them that is due first, and when. */
export function soonest(
  wakers: Iterable<Waker>,
  to: number,
): { readonly waker: Waker; readonly at: number } | undefined {
  let found: { readonly waker: Waker; readonly at: number } | undefined;
  for (const waker of wakers) {
    const at = waker.next(found?.at ?? to);
    if (at !== undefined && at <= to && (found === undefined || at < found.at)) {
      found = { waker, at };
    }
  }
  return found;
}

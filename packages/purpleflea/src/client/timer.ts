// The one timer of the client: the machine's, because a connection hangs in the machine's time, whatever clock the
// engine keeps.

/** Calls back after so many milliseconds, unless it is stopped; returns how to stop it. */
export function timer(ms: number, callback: () => void): () => void {
  const handle = setTimeout(callback, ms);
  return () => {
    clearTimeout(handle);
  };
}

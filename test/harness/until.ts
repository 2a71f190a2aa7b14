// Waits for a condition that something else brings about, a turn of the event loop at a time: for proofs that
// drive virtual time meanwhile.

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

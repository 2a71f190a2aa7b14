// Runs a command's action and turns what it throws into a message and an exit code.

import { sayError } from "./print.ts";

export function guarded<Arguments extends unknown[]>(
  action: (...given: Arguments) => Promise<void>,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      sayError(error);
    }
  };
}

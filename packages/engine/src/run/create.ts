// Puts a machine and its context together.

import { createContext } from "./context.ts";
import { Machine, type MachineOptions } from "./machine.ts";

export function createMachine(options: Omit<MachineOptions, "context">): Machine {
  return new Machine({ ...options, context: (machine) => createContext(machine, machine.scope) });
}

// What a saga's body registers: how to undo what it has done.

export interface Saga<Context> {
  /**
   * Registers how to undo the step that is about to be taken or was just taken. Compensations run in reverse
   * order; one that fails does not keep the others from running.
   */
  compensate(label: string, undo: (ctx: Context) => Promise<unknown>): void;
}

// Something a workflow's function waits for.

export interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly shielded: boolean;
}

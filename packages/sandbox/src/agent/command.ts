// What an agent wants of its account: to exist, and to be given its first money.

export type AccountCommand =
  | { readonly operation: "register"; readonly name: string; readonly description: string }
  | { readonly operation: "claim" };

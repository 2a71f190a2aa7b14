// What is read of a request before its body.

import type { IncomingMessage } from "node:http";

export interface RequestHead {
  readonly headers: { readonly get: (name: string) => string | null };
}

export function headOf({ headers }: Pick<IncomingMessage, "headers">): RequestHead {
  return {
    headers: {
      get(name) {
        const found = headers[name];
        return (Array.isArray(found) ? found.join(", ") : found) ?? null;
      },
    },
  };
}

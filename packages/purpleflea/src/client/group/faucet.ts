// Accounts and their first money.

import type { z } from "zod";
import { ClaimResponse, RegisterResponse } from "../../wire/index.ts";
import type { Calls } from "../calls.ts";
import type { WriteMark } from "../http.ts";

export interface FaucetGroup {
  register(
    agent: { readonly name: string; readonly description?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof RegisterResponse>>;
  claim(mark: WriteMark): Promise<z.output<typeof ClaimResponse>>;
}

export function faucetGroup({ write, profile: { paths } }: Calls): FaucetGroup {
  return {
    register: ({ name, description = "" }, mark) =>
      write(
        {
          operation: "register",
          what: "register an agent",
          path: paths.register,
          body: { name, description },
          answer: RegisterResponse,
        },
        mark,
      ),
    claim: (mark) =>
      write(
        {
          operation: "claim",
          what: "claim the faucet",
          path: paths.claim,
          body: {},
          answer: ClaimResponse,
        },
        mark,
      ),
  };
}

// Accounts and their first money.

import type { z } from "zod";
import { ClaimResponse, FaucetStatusResponse, RegisterResponse } from "../../wire/index.ts";
import type { Calls } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface FaucetGroup {
  register(
    agent: { readonly name: string; readonly description?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof RegisterResponse>>;
  claim(mark: WriteMark): Promise<z.output<typeof ClaimResponse>>;
  /** What a claim gives, and when the next one is granted. */
  status(mark?: ReadMark): Promise<z.output<typeof FaucetStatusResponse>>;
}

export function faucetGroup({ read, write, profile: { paths } }: Calls): FaucetGroup {
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
    status: (mark) =>
      read(
        {
          operation: "faucet-status",
          path: paths.faucetStatus,
          answer: FaucetStatusResponse,
        },
        mark,
      ),
  };
}

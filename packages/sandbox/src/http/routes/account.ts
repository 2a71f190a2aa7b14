// Paths of accounts: registration and the faucet.

import { ClaimRequest, RegisterRequest } from "@holdfast/purpleflea/wire";
import { faucetStatus } from "../../agent/faucet-status.ts";
import { type ReadOptions, type Route, type WriteOptions, read, write } from "../route.ts";

const register: WriteOptions<typeof RegisterRequest> = {
  schema: RegisterRequest,
  command: ({ name, description }) => ({ operation: "register", name, description }),
  open: true,
};

const claim: WriteOptions<typeof ClaimRequest> = {
  schema: ClaimRequest,
  command: () => ({ operation: "claim" }),
};

const faucet: ReadOptions = {
  answer: ({ venue, agent }) => ({ ...venue.look(agent, faucetStatus) }),
};

export const accountRoutes: readonly Route[] = [
  write("faucet", "/api/register", "register", register),
  write("main", "/api/register", "register", register),
  write("faucet", "/api/claim", "claim", claim),
  write("main", "/api/claim", "claim", claim),
  read("faucet", "/api/status", "faucet-status", faucet),
  read("main", "/api/faucet/status", "faucet-status", faucet),
];

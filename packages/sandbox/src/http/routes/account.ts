// Paths of accounts: registration and the faucet.

import { ClaimRequest, RegisterRequest } from "@holdfast/purpleflea/wire";
import { type Route, type WriteOptions, write } from "../route.ts";

const register: WriteOptions<typeof RegisterRequest> = {
  schema: RegisterRequest,
  command: ({ name, description }) => ({ operation: "register", name, description }),
  open: true,
};

const claim: WriteOptions<typeof ClaimRequest> = {
  schema: ClaimRequest,
  command: () => ({ operation: "claim" }),
};

export const accountRoutes: readonly Route[] = [
  write("faucet", "/api/register", "register", register),
  write("main", "/api/register", "register", register),
  write("faucet", "/api/claim", "claim", claim),
  write("main", "/api/claim", "claim", claim),
];

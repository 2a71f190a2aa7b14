// Links to approvals: each is for one approval as it was asked, and a text that is kept has none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApprovalRow, encode, usdc } from "@holdfast/core";
import { approvalLinks, placeOfLink } from "./approval-link.ts";

const row: ApprovalRow = {
  id: "3f9c20ab11de",
  key: "key",
  run: "dca",
  ref: "dca/1",
  account: "alpha",
  command: encode({ operation: "trade.open", kind: "open", amount: usdc("95.00") }),
  why: "it is much",
  state: "asked",
  askedAt: 1,
  expiresAt: 86_400_001,
  decidedAt: undefined,
  decidedBy: undefined,
  reason: undefined,
};
const links = approvalLinks("secret", () => "https://ops.example.com/holdfast");
const signatureOf = (url: string): string => new URL(url).searchParams.get("sign") ?? "";

test("a link is signed for its approval, and for no other, nor for a change of it", () => {
  const url = links.urlOf(row);
  assert.match(
    url,
    /^https:\/\/ops\.example\.com\/holdfast\/approve\/3f9c20ab11de\?sign=[\w-]{43}$/u,
  );
  const signature = signatureOf(url);
  assert.ok(links.isSigned(row, signature));
  const changed: readonly Partial<ApprovalRow>[] = [
    { id: "3f9c20ab11df" },
    { key: "other" },
    { account: "beta" },
    { expiresAt: row.expiresAt + 1 },
    { command: encode({ operation: "trade.open", kind: "open", amount: usdc("96.00") }) },
  ];
  for (const change of changed)
    assert.ok(
      !links.isSigned({ ...row, ...change }, signature),
      JSON.stringify(Object.keys(change)),
    );
  for (const other of ["", "!", signature.slice(1), `${signature}A`])
    assert.ok(!links.isSigned(row, other), other);
  assert.ok(!approvalLinks("other", () => "").isSigned(row, signature));
});

test("a text that is kept has a place for the link, which is put in when it leaves", () => {
  const kept = `Approve it?\n${placeOfLink(row)}\nor not`;
  assert.ok(links.hasPlace(kept) && links.hasPlace(kept));
  assert.ok(!kept.includes(signatureOf(links.urlOf(row))));
  assert.equal(links.expand(kept), `Approve it?\n${links.urlOf(row)}\nor not`);
  assert.equal(links.expand("nothing here"), "nothing here");
});

// What a run says about itself: its tags as one search attribute, its memo as Temporal's.

import { type Encoded, type Memo, type Tags, decode, encode } from "@holdfast/core";
import { TAGS_ATTRIBUTE, tagTexts } from "@holdfast/engine/workflow-side";
import { defineSearchAttributeKey } from "@temporalio/common";
import { upsertMemo, upsertSearchAttributes } from "@temporalio/workflow";
import { treeOf } from "./tree.ts";

const STATUS_KEY = defineSearchAttributeKey("HoldfastStatus", "KEYWORD");
export const TAGS_KEY = defineSearchAttributeKey(TAGS_ATTRIBUTE, "KEYWORD_LIST");

export class Notes {
  #tags: Tags;

  constructor(tags: Tags) {
    this.#tags = tags;
  }

  tag(tags: Tags): void {
    this.#tags = { ...this.#tags, ...tags };
    upsertSearchAttributes([{ key: TAGS_KEY, value: tagTexts(this.#tags) }]);
  }

  /** Shows, or no longer, that the run stands for a person. */
  standing(status: string | undefined): void {
    upsertSearchAttributes([{ key: STATUS_KEY, value: status ?? null }]);
  }

  remember(memo: Encoded): void {
    const fields = Object.entries(decode(memo) as Memo);
    upsertMemo(Object.fromEntries(fields.map(([name, value]) => [name, treeOf(encode(value))])));
  }
}

// What a run says about itself: its tags and its memo, as they stand.

import {
  type Encoded,
  type Memo,
  type Tags,
  checkTags,
  decode,
  encode,
  encodePayload,
} from "@holdfast/core";

export class Notes {
  tags: Tags = {};
  memo: Memo = {};

  /** What a run begins with. */
  start(tags: Tags | undefined, memo: Encoded | undefined): void {
    if (tags !== undefined) this.tags = tags;
    if (memo !== undefined) this.memo = decode(memo) as Memo;
  }

  /**
   * Adds tags; gives those that are new or have changed, undefined where there are none.
   *
   * @throws HF-TAG-INVALID
   */
  tag(tags: Tags): Tags | undefined {
    const added = Object.fromEntries(
      Object.entries(tags).filter(([name, value]) => this.tags[name] !== value),
    );
    if (Object.keys(added).length === 0) return undefined;
    this.tags = checkTags({ ...this.tags, ...added });
    return added;
  }

  /** Adds to the memo; gives the addition, encoded. */
  remember(memo: Memo): Encoded {
    const added = encodePayload(memo, "a memo");
    this.memo = { ...this.memo, ...(decode(added) as Memo) };
    return added;
  }

  /** For the next generation. */
  get carried(): { readonly tags?: Tags; readonly memo?: Encoded } {
    return {
      ...(Object.keys(this.tags).length === 0 ? {} : { tags: this.tags }),
      ...(Object.keys(this.memo).length === 0 ? {} : { memo: encode(this.memo) }),
    };
  }
}

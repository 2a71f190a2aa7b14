// What a run says about itself: tags as one search attribute, the memo as Temporal's memo, patches as markers.

import { type Encoded, type Memo, type Tags, decode, encode } from "@holdfast/core";
import type { CommandOf, Exporter } from "./exporter.ts";
import { type Payload, payload, plainPayloads } from "./payload.ts";

/** Name of the search attribute that holds all tags, each as "name=value". */
export const TAGS_ATTRIBUTE = "HoldfastTags";

export function tagged({ log, own, task }: Exporter, command: CommandOf<"tags">): void {
  own.tag(command.tags);
  log.add("UpsertWorkflowSearchAttributes", {
    workflowTaskCompletedEventId: task,
    searchAttributes: searchAttributes(own.tags),
  });
}

export function remembered({ log, own, task }: Exporter, command: CommandOf<"memo">): void {
  own.remember(decode(command.memo) as Memo);
  log.add("WorkflowPropertiesModified", {
    workflowTaskCompletedEventId: task,
    upsertedMemo: { fields: memoFields(command.memo) },
  });
}

/** The marker that the SDK's core writes about a patch. */
export function patched({ log, task }: Exporter, command: CommandOf<"patch">): void {
  log.add("MarkerRecorded", {
    markerName: "core_patch",
    details: { "patch-data": plainPayloads({ id: command.id, deprecated: false }) },
    workflowTaskCompletedEventId: task,
  });
}

/** What a run begins with. */
export function noteFields(tags: Tags, memo: Encoded | undefined): object {
  return {
    ...(Object.keys(tags).length === 0 ? {} : { searchAttributes: searchAttributes(tags) }),
    ...(memo === undefined ? {} : { memo: { fields: memoFields(memo) } }),
  };
}

/** All tags as "name=value". */
export function tagTexts(tags: Tags): string[] {
  return Object.entries(tags).map(([name, value]) => `${name}=${String(value)}`);
}

function searchAttributes(tags: Tags): object {
  const field = payload(JSON.stringify(tagTexts(tags)), { type: "KeywordList" });
  return { indexedFields: { [TAGS_ATTRIBUTE]: field } };
}

function memoFields(memo: Encoded): Readonly<Record<string, Payload>> {
  const fields = Object.entries(decode(memo) as Memo);
  return Object.fromEntries(fields.map(([name, value]) => [name, payload(encode(value))]));
}

// BullMQ with a Redis that syncs its log before it answers: the same durability as the others.

import { bullmq } from "./bullmq.ts";

export const peer = bullmq("Redis append-only file, appendfsync=always: synced before the reply", [
  "appendfsync=always is slower than what BullMQ recommends; it is the like-for-like setting",
]);

// BullMQ with a Redis that syncs its log once a second, as BullMQ recommends: up to a second may be lost.

import { bullmq } from "./bullmq.ts";

export const peer = bullmq(
  "Redis append-only file, appendfsync=everysec: up to a second of acknowledged work is lost with the machine",
  ["appendfsync=everysec, which BullMQ recommends; less durable than all others here"],
);

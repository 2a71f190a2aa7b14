// BullMQ on Redis: a job queue. A run of steps is a job that writes down each step it has done, as its guide
// of step jobs has it; there is no replay, no journal and no order of facts, so it does less than the others.

import { type FlowJob, FlowProducer, type Job, Queue, QueueEvents, Worker } from "bullmq";
import { Redis } from "ioredis";
import { payload } from "../../payload.ts";
import { ROW, sampled } from "../hop.ts";
import { EFFECT_STEPS, type Hop, type Opened, type Peer, type Place, WIDTH } from "../peer.ts";
import { pinned } from "../version.ts";

interface Data {
  readonly count: number;
  readonly run: number;
  /** The steps that are done, and what the last one gave. */
  readonly done: number;
  readonly last?: object;
}

const step = async (n: number): Promise<object> => payload(n);

const ofRun = (run: number): Data => ({ count: EFFECT_STEPS, run, done: 0 });
const ofCount = (count: number): Data => ({ count, run: 0, done: 0 });

/** The steps that are left, each written down before the next begins. */
async function eachStep(job: Job<Data>, act: (n: number) => Promise<object>): Promise<number> {
  for (let n = job.data.done; n < job.data.count; n += 1) {
    const last = await act(n);
    await job.updateData({ ...job.data, done: n + 1, last });
  }
  return job.data.count;
}

async function work(place: Place, job: Job<Data>): Promise<unknown> {
  switch (job.name) {
    case "steps":
      return eachStep(job, step);
    case "effects":
      return eachStep(job, async (n) => {
        await place.effect(job.data.run, n);
        return payload(n);
      });
    case "child":
      return step(job.data.run);
    case "join":
      return Object.keys(await job.getChildrenValues()).length;
    case "sleeper":
      place.woke(job.data.run);
      return job.data.run;
    default:
      throw new Error(`Nobody does "${job.name}".`);
  }
}

async function measureHop(host: string, port: number): Promise<Hop> {
  const redis = new Redis({ host, port });
  const info = await redis.info("server");
  const state = [`Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? "?"}`];
  for (const name of ["appendonly", "appendfsync"]) {
    const answer = (await redis.config("GET", name)) as readonly string[];
    state.push(`${name}=${answer[1] ?? "?"}`);
  }
  const roundTripMs = await sampled(() => redis.ping());
  const writeMs = await sampled((n) => redis.set(`hop-${n}`, ROW));
  redis.disconnect();
  return { roundTripMs, writeMs, state: state.join(", ") };
}

async function open(place: Place): Promise<Opened> {
  const [host = "", port = ""] = (place.addresses["redis"] ?? "").split(":");
  // Asked for by BullMQ: a worker waits for its server for ever.
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const name = "bench";
  const queue = new Queue<Data>(name, { connection });
  const events = new QueueEvents(name, { connection });
  await events.waitUntilReady();
  const flows = new FlowProducer({ connection });
  const worker = new Worker<Data>(name, (job) => work(place, job), {
    connection,
    concurrency: WIDTH,
  });
  await worker.waitUntilReady();
  const flowOf = (id: string, count: number): FlowJob => ({
    name: "join",
    queueName: name,
    opts: { jobId: id },
    children: Array.from({ length: count }, (_, run) => ({
      name: "child",
      queueName: name,
      data: { count: 1, run, done: 0 } satisfies Data,
    })),
  });
  return {
    steps: async (id, count) => {
      const job = await queue.add("steps", ofCount(count), { jobId: id });
      return job.waitUntilFinished(events);
    },
    group: async (id, count) => {
      const { job } = await flows.add(flowOf(id, count));
      return job.waitUntilFinished(events);
    },
    sleeper: async (run, ms) => {
      place.asleep(run);
      await queue.add("sleeper", ofRun(run), { jobId: `sleeper-${run}`, delay: ms });
    },
    effects: (run) => queue.add("effects", ofRun(run), { jobId: `effects-${run}` }),
    unfinished: async (count) => count - (await queue.getCompletedCount()),
    hop: () => measureHop(host, Number(port)),
  };
}

/** The peer with the given state of the append-only file. */
export function bullmq(durability: string, settings: readonly string[]): Peer {
  return {
    about: {
      version: pinned("bullmq"),
      durability,
      settings: [...settings, `worker concurrency ${WIDTH} (its default is 1)`],
      notes: [
        "a job queue, not a workflow engine: a run is one job that stores its last step, W4 a delayed job, W5 a flow of jobs",
        "a dead worker's job is taken up when its lock of 30 s has run out and the next check of every 30 s sees it: W6",
        "W6 kills the process with the jobs; the server stays",
        "no schema on a step's input or output",
      ],
    },
    open,
  };
}

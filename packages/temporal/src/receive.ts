// Takes runs over from an engine that is left: what it knows of effects goes into the store of intents first, and
// then each run begins here where its last generation ended, with the same keys.

import {
  HoldfastError,
  type IntentStore,
  type LeavingRun,
  type MovedBook,
  type ReceiveRequest,
  type Receiver,
  type Workflow,
} from "@holdfast/core";
import { encodeOrigin } from "@holdfast/engine/workflow-side";
import { type Info, findAt, isOpen, statusOf } from "./client/look.ts";
import { CODES, Server, codeOf } from "./client/server.ts";
import { ensureAttributes } from "./client/setup.ts";
import { attributesOf, memoIn } from "./client/start.ts";
import { payload, payloads } from "./client/wire.ts";
import { openIntents } from "./intents.ts";
import { TASK_QUEUE, type TemporalOptions, connectionOf } from "./options.ts";
import { type TemporalOrigin, memoOf } from "./workflow/protocol.ts";

/** The server refuses a start under an id that it knows. */
const NEVER_AGAIN = 3;
const FAIL_IF_OPEN = 1;

/** @throws HF-TEMPORAL-UNREACHABLE, HF-TEMPORAL-NAMESPACE, HF-TEMPORAL-ATTRIBUTES, HF-INTENTS-FAILED */
export async function receive(
  options: TemporalOptions,
  request: ReceiveRequest,
): Promise<Receiver> {
  const { address, namespace, prefix = "" } = options;
  const connection = connectionOf(options);
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await Server.connect({ address, namespace, prefix, connection }));
  await ensureAttributes(server, options.setup ?? false);
  const intents = await openIntents(options, request.stateFolder, opened);
  return new TemporalReceiver({ options, request, server, intents }, opened.move());
}

interface ReceiverParts {
  readonly options: TemporalOptions;
  readonly request: ReceiveRequest;
  readonly server: Server;
  readonly intents: IntentStore;
}

class TemporalReceiver implements Receiver {
  readonly name: string;
  readonly #parts: ReceiverParts;
  readonly #opened: AsyncDisposableStack;

  constructor(parts: ReceiverParts, opened: AsyncDisposableStack) {
    this.name = `Temporal at ${parts.options.address}`;
    this.#parts = parts;
    this.#opened = opened;
  }

  async refusals(namespace: string): Promise<readonly string[]> {
    const keys = this.#keys;
    if (keys === namespace) return [];
    return [
      `its keys begin with "${keys}" and those of the journal with "${namespace}", so that every decision would have another key: set keys: "${namespace}"`,
    ];
  }

  async refusalsOf(
    run: Pick<LeavingRun, "id" | "workflow" | "account"> & Partial<LeavingRun>,
  ): Promise<readonly string[]> {
    const { workflows, accounts } = this.#parts.request;
    const why: string[] = [];
    if (!workflows.some(({ name }: Workflow) => name === run.workflow))
      why.push(`the project has no workflow "${run.workflow}"`);
    if (!accounts.includes(run.account)) why.push(`the project has no account "${run.account}"`);
    const known = (await findAt(this.#parts.server, run.id))?.workflowExecutionInfo;
    if (known === undefined || known === null) return why;
    if (run.runId !== undefined && (await this.#isOurs(known, run.runId))) return why;
    const how = isOpen(known) ? "is open" : `was, and is ${statusOf(known)},`;
    return [...why, `a run with this id ${how} there already`];
  }

  adopt(intents: Parameters<Receiver["adopt"]>[0]): Promise<number> {
    return this.#parts.intents.adopt(intents);
  }

  adoptBook(book: MovedBook): Promise<number> {
    const { intents, request } = this.#parts;
    return intents.adoptBook(book, request.clock.now());
  }

  async begin(run: LeavingRun): Promise<string> {
    const { server, options } = this.#parts;
    const { id, workflow, account, tags } = run;
    const origin = this.#originOf(run);
    const requestId = requestOf(run.runId);
    const shown = { ...memoOf(origin).holdfast, request: requestId };
    try {
      const begun = await server.steadily(() =>
        server.service.startWorkflowExecution({
          namespace: server.namespace,
          workflowId: server.at(id),
          workflowType: { name: workflow },
          taskQueue: { name: options.taskQueue ?? TASK_QUEUE },
          requestId,
          workflowIdReusePolicy: NEVER_AGAIN,
          workflowIdConflictPolicy: FAIL_IF_OPEN,
          input: payloads(run.input, encodeOrigin(origin)),
          memo: { fields: { holdfast: payload(JSON.stringify(shown)) } },
          searchAttributes: { indexedFields: attributesOf(account, tags) },
        }),
      );
      return begun.runId ?? "";
    } catch (error) {
      if (codeOf(error) !== CODES.ALREADY_EXISTS) throw error;
      const known = (await findAt(server, id))?.workflowExecutionInfo;
      if (known !== null && known !== undefined && (await this.#isOurs(known, run.runId)))
        return known.firstRunId ?? known.execution?.runId ?? "";
      throw new HoldfastError(
        "HF-RUN-EXISTS",
        `Cannot move run "${id}": ${this.name} has a run with this id already, which is ${statusOf(known)} and was not moved there. Look at both before you do anything.`,
        { class: "state", disposition: "refused", outcome: "not-sent" },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  get #keys(): string {
    return this.#parts.options.keys ?? this.#parts.options.namespace;
  }

  #originOf(run: LeavingRun): TemporalOrigin {
    const { prefix } = this.#parts.server;
    const { account, namespace, root, generation, tags, memo, loop, signals } = run;
    return {
      account,
      namespace,
      root,
      generation,
      tags,
      memo,
      loop,
      signals,
      served: true,
      ...(prefix === "" ? {} : { prefix }),
    };
  }

  /** Whether a run was begun by an earlier try of the same move; later generations do not say it themselves. */
  async #isOurs(known: Info, runId: string): Promise<boolean> {
    const { server } = this.#parts;
    const wanted = requestOf(runId);
    if (memoIn(known)?.request === wanted) return true;
    const first = known.firstRunId;
    if (first === undefined || first === null || first === "") return false;
    const begun = await findAt(server, server.idOf(known.execution?.workflowId), first);
    return memoIn(begun?.workflowExecutionInfo)?.request === wanted;
  }
}

/** The same for every try: the server begins it once. */
function requestOf(runId: string): string {
  return `move/${runId}`;
}

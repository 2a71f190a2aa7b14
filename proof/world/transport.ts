// The way from a client to the venue's HTTP server without sockets: in-process pairs of streams with Node's own
// HTTP on both sides. Nothing of it waits for the operating system, so that the same seed gives the same order.

import { type IncomingMessage, type Server, request } from "node:http";
import { type Duplex, duplexPair } from "node:stream";

/** A `fetch` that reaches a server that listens nowhere; undefined: nobody is there, and it is refused. */
export function fetchFrom(server: () => Server | undefined): typeof fetch {
  return (input, init = {}) => {
    const there = server();
    if (there === undefined) return Promise.reject(failed("ECONNREFUSED"));
    return send(there, new URL(input instanceof Request ? input.url : input), init);
  };
}

function send(server: Server, url: URL, init: RequestInit): Promise<Response> {
  const { signal } = init;
  if (signal?.aborted === true) return Promise.reject(asError(signal.reason));
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const outgoing = request({
    method: init.method ?? "GET",
    path: url.pathname + url.search,
    headers: { host: url.host, ...headersOf(init) },
    createConnection: () => connect(server),
  });
  const abort = (): void => {
    outgoing.destroy();
    reject(asError(signal?.reason));
  };
  signal?.addEventListener("abort", abort, { once: true });
  const end = (): void => {
    signal?.removeEventListener("abort", abort);
  };
  outgoing.once("error", (error: NodeJS.ErrnoException) => {
    end();
    reject(failed(error.code ?? "UND_ERR_SOCKET"));
  });
  outgoing.once("response", (incoming) => {
    receive(incoming, (response) => {
      end();
      resolve(response);
    });
  });
  outgoing.end(typeof init.body === "string" ? init.body : undefined);
  return promise;
}

/** A connection to the server: what one side ends, the other ends, too. */
function connect(server: Server): Duplex {
  const [near, far] = duplexPair({ allowHalfOpen: false });
  near.on("error", () => undefined);
  far.on("error", () => undefined);
  near.once("close", () => far.destroy());
  server.emit("connection", far);
  return near;
}

/** A body that breaks off gives a response whose body cannot be read, as fetch does. */
function receive(incoming: IncomingMessage, done: (response: Response) => void): void {
  const chunks: Buffer[] = [];
  const { statusCode: status = 500 } = incoming;
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2)
    headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.once("end", () => {
    const body = status === 204 || status === 304 ? null : Buffer.concat(chunks);
    done(new Response(body, { status, headers }));
  });
  incoming.once("error", () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.error(new TypeError("terminated", { cause: coded("UND_ERR_SOCKET") }));
      },
    });
    done(new Response(broken, { status, headers }));
  });
}

function headersOf({ headers = {}, body }: RequestInit): Readonly<Record<string, string>> {
  const given = Object.fromEntries(new Headers(headers).entries());
  if (typeof body !== "string") return given;
  return { ...given, "content-length": String(Buffer.byteLength(body)) };
}

/** As fetch fails where there is no answer. */
function failed(code: string): TypeError {
  return new TypeError("fetch failed", { cause: coded(code) });
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

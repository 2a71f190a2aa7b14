// One address before several servers: connections go to each in turn, and to the next where one does not answer. It
// knows nothing of what they say.

import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

export class Balancer implements AsyncDisposable {
  readonly #server: Server;
  readonly #targets: readonly string[];
  readonly #sockets = new Set<Socket>();
  #next = 0;

  private constructor(targets: readonly string[]) {
    this.#targets = targets;
    this.#server = createServer((client) => {
      void this.#serve(client);
    });
  }

  /** @param targets "host:port" of each server */
  static async open(targets: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(targets);
    balancer.#server.listen(0, "127.0.0.1");
    await once(balancer.#server, "listening");
    return balancer;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  async #serve(client: Socket): Promise<void> {
    this.#keep(client);
    client.pause();
    const first = this.#next;
    this.#next += 1;
    for (const index of this.#targets.keys()) {
      const target = this.#targets[(first + index) % this.#targets.length] ?? "";
      const server = await connected(target);
      if (server === undefined) continue;
      this.#keep(server);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.pipe(to);
        from.once("close", () => to.destroy());
      }
      return;
    }
    client.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever is killed ends its connections like this.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

async function connected(target: string): Promise<Socket | undefined> {
  const [host, port] = target.split(":");
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
}

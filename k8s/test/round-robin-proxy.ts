import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What a Service of Kubernetes is to its clients: each new connection goes to the next endpoint, and those that are
 * open stay where they are, also when their endpoint is removed.
 */
export class RoundRobinProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #endpoints: string[] = [];
  #turn = 0;

  private constructor() {
    this.#server = createServer((client) => this.#forward(client));
  }

  static async start(): Promise<RoundRobinProxy> {
    const proxy = new RoundRobinProxy();
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(url: string): void {
    this.#endpoints.push(url);
  }

  remove(url: string): void {
    this.#endpoints = this.#endpoints.filter((endpoint) => endpoint !== url);
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #forward(client: Socket): void {
    const endpoint = this.#endpoints[this.#turn++ % this.#endpoints.length];
    // No endpoint, or one that does not listen: the client's connection is reset, as it would be there.
    if (!endpoint) {
      client.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(endpoint);
    const server = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => this.#sockets.delete(socket));
      socket.pipe(other);
    }
  }
}

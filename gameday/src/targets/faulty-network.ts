import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { random } from '../workload/random.ts';

export type NetworkMode =
  | { kind: 'healthy' }
  | { kind: 'slow'; ms: number; jitterMs: number }
  | { kind: 'cut' }
  | { kind: 'swallow'; percent: number };

/** A TCP proxy between the services that delays, cuts or loses traffic as real networks do. */
export class FaultyNetwork {
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  readonly #random: () => number;
  #mode: NetworkMode = { kind: 'healthy' };
  #upstreams: { host: string; port: number }[] = [];
  #turn = 0;
  port = 0;
  /** Connections cut, chunks delayed and replies lost since the start. */
  hits = 0;

  constructor(seed: number) {
    this.#random = random(seed, 'network');
    this.#server = createServer((client) => this.#accept(client));
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.port = (this.#server.address() as { port: number }).port;
  }

  /** Sets the upstreams, taken in turn; those that do not listen are skipped. Before the first call, connections are refused. */
  leadTo(urls: readonly string[]): void {
    this.#upstreams = urls.map((url) => new URL(url)).map(({ hostname: host, port }) => ({ host, port: Number(port) }));
  }

  get mode(): NetworkMode {
    return this.#mode;
  }

  set mode(mode: NetworkMode) {
    const before = this.#mode.kind;
    this.#mode = mode;
    // A cut hits open connections too, and a connection whose reply was swallowed would wait for ever.
    if (mode.kind === 'cut' || before === 'swallow') this.#reset();
  }

  async close(): Promise<void> {
    this.#reset();
    await this.#server[Symbol.asyncDispose]();
  }

  #reset(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  #accept(client: Socket): void {
    client.on('error', () => {});
    if (this.#mode.kind === 'cut') {
      this.hits++;
      client.resetAndDestroy();
      return;
    }
    client.pause();
    const first = this.#turn++;
    this.#connect(client, first, first + this.#upstreams.length);
  }

  #connect(client: Socket, turn: number, end: number): void {
    const address = this.#upstreams[turn % this.#upstreams.length];
    if (!address || turn >= end || client.destroyed) {
      client.resetAndDestroy();
      return;
    }
    const upstream = new Socket();
    const next = () => this.#connect(client, turn + 1, end);
    upstream.once('error', next).once('connect', () => {
      upstream.off('error', next);
      this.#join(client, upstream);
    });
    upstream.connect(address);
  }

  #join(client: Socket, upstream: Socket): void {
    const pair: [Socket, Socket] = [client, upstream];
    this.#pairs.add(pair);
    const over = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true).once('close', over);
      socket.on('error', () => {});
    }
    this.#carry(client, upstream, false);
    this.#carry(upstream, client, true);
    client.resume();
  }

  #carry(from: Socket, to: Socket, isReply: boolean): void {
    let lastAt = 0;
    from.on('data', (chunk) => {
      if (isReply && this.#loses()) return;
      const now = performance.now();
      // Chunks stay in order, whatever the jitter.
      lastAt = Math.max(lastAt, now + this.#delayMs());
      if (lastAt <= now) return void to.write(chunk);
      this.hits++;
      setTimeout(() => to.writable && to.write(chunk), lastAt - now);
    });
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, lastAt - performance.now())));
  }

  #delayMs(): number {
    return this.#mode.kind === 'slow' ? this.#mode.ms + this.#random() * this.#mode.jitterMs : 0;
  }

  #loses(): boolean {
    if (this.#mode.kind !== 'swallow' || this.#random() * 100 >= this.#mode.percent) return false;
    this.hits++;
    return true;
  }
}

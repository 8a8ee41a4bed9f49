/** The load generator: a separate process that gets its plan from the parent. */
import { HttpConnection } from './http-connection.ts';
import { latencyOf } from './latency.ts';
import { startMetronome } from './metronome.ts';
import type { GeneratorMessage, LoadPlan } from './plan.ts';
import { requestMaker } from './requests.ts';

const PRE_OPENED = 64;

class Generator {
  readonly #plan: LoadPlan;
  readonly #url: URL;
  readonly #next: ReturnType<typeof requestMaker>;
  readonly #all: HttpConnection[] = [];
  readonly #latencies: number[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #keys: string[] = [];
  #idle: HttpConnection[] = [];
  #measuring = false;
  #over = false;
  #startedAt = 0;
  #finished: () => void = () => {};
  #stopBeats: () => void = () => {};

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#url = new URL(plan.url);
    this.#next = requestMaker(this.#url, plan.work);
  }

  async run(): Promise<void> {
    const { pace, warmup_ms, duration_ms } = this.#plan;
    if (pace.loop === 'closed') for (let i = 0; i < pace.connections; i++) this.#again(this.#connection());
    else await this.#openLoop(pace.perSecond);
    await new Promise((resolve) => setTimeout(resolve, warmup_ms));
    this.#begin();
    await new Promise<void>((resolve) => {
      this.#finished = resolve;
      setTimeout(resolve, duration_ms);
    });
    await this.#end();
  }

  #begin(): void {
    this.#measuring = true;
    this.#startedAt = performance.now();
    void say({ at: 'measuring' });
  }

  async #end(): Promise<void> {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#over = true;
    this.#stopBeats();
    this.#measuring = false;
    void say({ at: 'over' });
    for (const connection of this.#all) connection.close();
    const requests = this.#latencies.length;
    const result = {
      requests,
      seconds,
      statuses: this.#statuses,
      latency_ms: latencyOf(this.#latencies),
      keys: this.#keys,
    };
    // Wait until it is sent: the keys of 20,000 orders are 1 MB.
    await say({ at: 'result', result });
  }

  #connection(): HttpConnection {
    const connection = new HttpConnection(this.#url);
    this.#all.push(connection);
    return connection;
  }

  /** Closed loop: the answer starts the next request. */
  #again(connection: HttpConnection): void {
    if (!this.#over) this.#send(connection, performance.now(), () => this.#again(connection));
  }

  /** Open loop: sends every due request now, on an idle or a new connection, without waiting for an answer. */
  async #openLoop(perSecond: number): Promise<void> {
    this.#idle = Array.from({ length: PRE_OPENED }, () => this.#connection());
    let start = 0;
    const dueAt = (number: number) => start + (number * 1000) / perSecond;
    let sent = 0;
    const { promise: started, resolve } = Promise.withResolvers<void>();
    this.#stopBeats = startMetronome(perSecond, () => {
      // The metronome's thread takes up to half a second to start on a busy machine.
      start ||= performance.now();
      resolve();
      const now = performance.now();
      for (let due = dueAt(sent); due <= now; due = dueAt(++sent)) {
        const connection = this.#idle.pop() ?? this.#connection();
        this.#send(connection, due, () => this.#idle.push(connection));
      }
    });
    await started;
  }

  #send(connection: HttpConnection, startedAt: number, then: () => void): void {
    const { text, key } = this.#next();
    connection.send(text, (status) => {
      if (this.#measuring) this.#record(status, startedAt);
      if (this.#plan.wantKeys) this.#keys.push(key);
      // A refused connection must not become a busy loop.
      if (status === 0) setTimeout(then, 10);
      else then();
    });
  }

  #record(status: number, startedAt: number): void {
    this.#latencies.push(performance.now() - startedAt);
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (this.#latencies.length === this.#plan.maxRequests) this.#finished();
  }
}

function say(message: GeneratorMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

// Without the parent, no process needs the result.
process.once('disconnect', () => process.exit());
process.once('message', async (plan) => {
  await new Generator(plan as LoadPlan).run();
  process.disconnect?.();
});

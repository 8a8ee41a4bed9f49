/** The load generator: a separate process that receives its plan from its parent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.ts';
import { latencyOf } from './latency.ts';
import { startMetronome } from './metronome.ts';
import type { GeneratorMessage, LoadPlan, LoadResult } from './plan.ts';
import { requestMaker } from './requests.ts';

const PRE_OPENED = 64;
/** Above so many requests a second, they leave at fewer beats: a beat costs two threads some 20 µs each, which an overloaded system lacks. */
const MANY_PER_SECOND = 1_000;
const FEW_BEATS = 250;

class Generator {
  readonly #plan: LoadPlan;
  readonly #url: URL;
  readonly #next: ReturnType<typeof requestMaker>;
  readonly #all: HttpConnection[] = [];
  /** By status. */
  readonly #latencies: Record<string, number[]> = {};
  readonly #keys: string[] = [];
  readonly #enough = Promise.withResolvers<void>();
  #phase: 'warm-up' | 'measured' | 'over' = 'warm-up';
  #answered = 0;
  #underWay = 0;
  #stopBeats: () => void = () => {};

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#url = new URL(plan.url);
    this.#next = requestMaker(this.#url, plan.work);
  }

  async run(): Promise<LoadResult> {
    const { pace, warmup_ms, duration_ms } = this.#plan;
    if (pace.loop === 'closed') for (let i = 0; i < pace.connections; i++) this.#again(this.#connection());
    else await this.#openLoop(pace.perSecond);
    await sleep(warmup_ms);
    const start = performance.now();
    this.#phase = 'measured';
    void say({ at: 'measuring' });
    await Promise.race([sleep(duration_ms), this.#enough.promise]);
    const seconds = (performance.now() - start) / 1000;
    this.#phase = 'over';
    this.#stopBeats();
    void say({ at: 'over' });
    await this.#lastAnswers();
    for (const connection of this.#all) connection.close();
    const each = <T>(of: (latencies: number[]) => T) =>
      Object.fromEntries(Object.entries(this.#latencies).map(([status, latencies]) => [status, of(latencies)]));
    return {
      requests: this.#answered,
      seconds,
      statuses: each(({ length }) => length),
      latency_ms: latencyOf(Object.values(this.#latencies).flat()),
      by_status_ms: each(latencyOf),
      unanswered: this.#plan.patience_ms === undefined ? 0 : this.#underWay,
      keys: this.#keys,
    };
  }

  /** Waits for the requests under way, as long as the plan says. */
  async #lastAnswers(): Promise<void> {
    const end = performance.now() + (this.#plan.patience_ms ?? 0);
    while (this.#underWay > 0 && performance.now() < end) await sleep(10);
  }

  #connection(): HttpConnection {
    const connection = new HttpConnection(this.#url);
    this.#all.push(connection);
    return connection;
  }

  /** Closed loop: the answer starts the next request. */
  #again(connection: HttpConnection): void {
    if (this.#phase !== 'over') this.#send(connection, performance.now(), () => this.#again(connection));
  }

  /** Open loop: sends every due request now, on an idle or a new connection, without waiting for an answer. */
  async #openLoop(perSecond: number): Promise<void> {
    const idle = Array.from({ length: PRE_OPENED }, () => this.#connection());
    let start = 0;
    let sent = 0;
    const dueAt = (number: number) => start + (number * 1000) / perSecond;
    const { promise: started, resolve } = Promise.withResolvers<void>();
    this.#stopBeats = startMetronome(perSecond > MANY_PER_SECOND ? FEW_BEATS : perSecond, (startedAt) => {
      // Its thread takes up to half a second to start on a busy machine. A start of our own would lie between two beats, and each
      // request would wait for the next one.
      start ||= startedAt;
      resolve();
      const now = performance.now();
      for (let due = dueAt(sent); due <= now; due = dueAt(++sent)) {
        const connection = idle.pop() ?? this.#connection();
        this.#send(connection, due, () => idle.push(connection));
      }
    });
    await started;
  }

  #send(connection: HttpConnection, startedAt: number, then: () => void): void {
    const { text, key } = this.#next();
    this.#underWay++;
    connection.send(text, (status) => {
      this.#underWay--;
      if (this.#phase === 'measured') this.#record(status, startedAt);
      if (this.#plan.wantKeys) this.#keys.push(key);
      // A refused connection must not become a busy loop.
      if (status === 0) setTimeout(then, 10);
      else then();
    });
  }

  #record(status: number, startedAt: number): void {
    this.#latencies[status] ??= [];
    this.#latencies[status].push(performance.now() - startedAt);
    if (++this.#answered === this.#plan.maxRequests) this.#enough.resolve();
  }
}

function say(message: GeneratorMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

// Without the parent, no process needs the result.
process.once('disconnect', () => process.exit());
process.once('message', async (plan) => {
  const result = await new Generator(plan as LoadPlan).run();
  // Wait until it is sent: the keys of 20,000 orders are 1 MB.
  await say({ at: 'result', result });
  process.disconnect?.();
});

import { randomUUID } from 'node:crypto';
import { setInterval as every } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** What is ordered, in turn. */
export const loadedItems = [
  'ps5',
  'xbox',
  'switch',
  'laptop',
  'monitor',
  'headset',
  'keyboard',
  'mouse',
  'chair',
  'webcam',
];

/** More than this many unanswered at once, and a beat is left out: a machine that is too slow gets less, not a backlog. */
const mostInFlight = 400;

/** Orders at a steady rate over connections that are kept open. Each is sent once: whatever goes wrong is seen. */
export class OneTryLoad {
  readonly #agent = new Agent({ connections: 64, pipelining: 1, keepAliveTimeout: 30_000, headersTimeout: 60_000 });
  readonly #inFlight = new Set<Promise<void>>();
  /** How many answers there were of each status, or each error's text. */
  readonly #answers = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #beats: Promise<void>;

  constructor(orderUrl: string, rate: number) {
    this.#beats = this.#run(`${orderUrl}/api/orders`, rate);
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    this.#stopping.abort();
    await this.#beats;
    await Promise.all(this.#inFlight);
    await this.#agent.close();
    return this.#answers;
  }

  async #run(url: string, rate: number): Promise<void> {
    const [start, signal] = [performance.now(), this.#stopping.signal];
    let sent = 0;
    try {
      for await (const _ of every(5, undefined, { signal })) {
        for (const due = ((performance.now() - start) * rate) / 1000; sent < due; sent++) {
          if (this.#inFlight.size < mostInFlight) this.#send(url, loadedItems[sent % loadedItems.length] as string);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #send(url: string, item_id: string): void {
    const order = this.#place(url, item_id).then((answer) => {
      this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
      this.#inFlight.delete(order);
    });
    this.#inFlight.add(order);
  }

  async #place(url: string, item_id: string): Promise<string> {
    try {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
        body: JSON.stringify({ item_id, quantity: 1 }),
      });
      await body.dump();
      return String(statusCode);
    } catch (error) {
      return String(error);
    }
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEADER, type OrderEvent, statusToldBy } from '@valerix/contracts';
import type { LoadSecond } from '../live/live-types.ts';
import type { LoadPlan, LoadView } from '../live/load-view.ts';
import { LoadRun, type PlacedOrder } from './load-run.ts';
import type { Replicas } from './replicas.ts';

/** Longer than an order takes at the order service. */
const TIMEOUT_MS = 15_000;

/** Runs load for every browser, one run at a time. A run ends with this process. */
export class LoadGenerator {
  readonly #replicas: Pick<Replicas, 'forRequest'>;
  readonly #stopped = new AbortController();
  #run: LoadRun | null = null;

  constructor(replicas: Pick<Replicas, 'forRequest'>) {
    this.#replicas = replicas;
  }

  get view(): LoadView | null {
    return this.#run?.view ?? null;
  }

  /** False if a run is under way. */
  start(plan: LoadPlan): boolean {
    if (this.#run?.view.running) return false;
    this.#run = new LoadRun(plan, {
      place: (key, item) => this.#place(key, item),
      makeKey: randomUUID,
      sleep: (ms) => sleep(ms, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined),
      now: () => performance.now(),
    });
    void this.#run.run();
    return true;
  }

  /** Sends no more orders; those under way are still answered. */
  stop(): void {
    this.#run?.stop();
  }

  /** Ends the run for good. */
  close(): void {
    this.stop();
    this.#stopped.abort();
  }

  heard(event: OrderEvent): void {
    this.#run?.heard(event.order_id, statusToldBy(event.type));
  }

  takeSecond(): LoadSecond | null {
    return this.#run?.takeSecond() ?? null;
  }

  async #place(key: string, itemId: string): Promise<PlacedOrder> {
    try {
      const [base] = this.#replicas.forRequest(['order']);
      const answer = await fetch(`${base}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [HEADER.idempotencyKey]: key },
        body: JSON.stringify({ items: [{ item_id: itemId, quantity: 1 }] }),
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const body = (await answer.json()) as { order?: { order_id?: string } };
      return { status: answer.status, order_id: body.order?.order_id ?? null };
    } catch {
      return { status: 0, order_id: null };
    }
  }
}

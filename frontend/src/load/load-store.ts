import { isSettled, type OrderStatus } from '@valerix/contracts';
import { type LoadDeps, type LoadPlan, LoadRun, type LoadState } from './load-run.ts';

/** The shortest time between two updates of the page. */
const DRAW_MS = 200;
const SETTLE_MS = 1_500;
/** The number of queued orders that one round reads. */
const SETTLE_BATCH = 20;

export interface Load {
  /** The current run or the last one; `null` before the first. */
  readonly state: LoadState | null;
  /** The number of queued orders by their current state. */
  readonly settled: Readonly<Record<'confirmed' | 'refused' | 'waiting', number>> | null;
}

export interface LoadStoreDeps extends Omit<LoadDeps, 'onChange'> {
  /** The status of an order, or `null` while it cannot be read. */
  readonly statusOf: (orderId: string) => Promise<OrderStatus | null>;
}

const NONE: Load = { state: null, settled: null };

/** Holds a load run, which continues without its page, and then follows its queued orders. */
export class LoadStore {
  readonly #deps: LoadStoreDeps;
  readonly #listeners = new Set<() => void>();
  #load = NONE;
  #run: LoadRun | null = null;

  constructor(deps: LoadStoreDeps) {
    this.#deps = deps;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly get = (): Load => this.#load;
  readonly getServer = (): Load => NONE;

  /** Starts a run, unless one is under way. Resolves once all its orders are settled, or another run starts. */
  readonly start = async (plan: LoadPlan): Promise<void> => {
    if (this.#load.state?.running) return;
    let drawnAt = 0;
    const run = new LoadRun(plan, {
      ...this.#deps,
      onChange: (state) => {
        const now = this.#deps.now();
        if (state.running && !state.stopping && now - drawnAt < DRAW_MS) return;
        drawnAt = now;
        this.#set({ state });
      },
    });
    this.#run = run;
    this.#set({ state: run.state, settled: null });
    const { queued_ids } = await run.run();
    if (queued_ids.length > 0) await this.#follow(run, queued_ids);
  };

  /** Ends the run once the orders under way are answered. */
  readonly stop = (): void => this.#run?.stop();

  async #follow(run: LoadRun, ids: readonly string[]): Promise<void> {
    let waiting = [...ids];
    let confirmed = 0;
    let refused = 0;
    while (this.#run === run) {
      this.#set({ settled: { confirmed, refused, waiting: waiting.length } });
      if (waiting.length === 0) return;
      const batch = waiting.slice(0, SETTLE_BATCH);
      const statuses = await Promise.all(batch.map((id) => this.#deps.statusOf(id)));
      const left = batch.filter((_, index) => !isSettled(statuses[index] ?? ''));
      const settled = statuses.filter((status) => isSettled(status ?? ''));
      confirmed += settled.filter((status) => status === 'confirmed').length;
      refused += settled.filter((status) => status !== 'confirmed').length;
      // Orders that still wait move to the back, so that every order gets its turn.
      waiting = [...waiting.slice(SETTLE_BATCH), ...left];
      if (waiting.length > 0) await this.#deps.sleep(SETTLE_MS);
    }
  }

  #set(change: Partial<Load>): void {
    this.#load = { ...this.#load, ...change };
    for (const listener of this.#listeners) listener();
  }
}

import { isSettled, type OrderStatus } from '@valerix/contracts';
import { type LoadDeps, type LoadPlan, LoadRun, type LoadState } from './load-run.ts';

/** The page is drawn this often at most while a run is under way. */
const DRAW_MS = 200;
const SETTLE_MS = 1_500;
/** Queued orders asked about in one round. */
const SETTLE_BATCH = 20;

/** What became of the orders that were queued. */
export interface Settled {
  readonly confirmed: number;
  readonly refused: number;
  readonly waiting: number;
}

export interface Load {
  /** The run as it is, or the last one as it ended; `null` before the first. */
  readonly state: LoadState | null;
  readonly settled: Settled | null;
}

export interface LoadStoreDeps extends Omit<LoadDeps, 'onChange'> {
  /** The status of an order, or `null` while it cannot be read. */
  readonly statusOf: (orderId: string) => Promise<OrderStatus | null>;
}

const NONE: Load = { state: null, settled: null };

/** Holds one run of load, which goes on whether a page shows it or not, and then follows the orders that were queued. */
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

  /** Resolves when all is settled, or another run has begun. One run at a time: does nothing while one goes on. */
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

  /** Ends the run after the orders under way are answered. */
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
      // Those still waiting go to the back, so that every order has its turn.
      waiting = [...waiting.slice(SETTLE_BATCH), ...left];
      if (waiting.length > 0) await this.#deps.sleep(SETTLE_MS);
    }
  }

  #set(change: Partial<Load>): void {
    this.#load = { ...this.#load, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The limits of a run, which is a demonstration and no benchmark. */
export const MAX_ORDERS = 2_000;
export const MAX_RATE = 50;
/** Browsers open six connections per host, and the live stream holds one. */
export const MAX_UNDER_WAY = 4;
const MAX_TRIES = 4;

export const LOAD_OUTCOMES = ['confirmed', 'queued', 'refused', 'busy', 'unavailable', 'unknown'] as const;
export type LoadOutcome = (typeof LOAD_OUTCOMES)[number];

interface PlacedOrder {
  readonly status: number;
  readonly order_id: string | null;
}

export interface LoadPlan {
  readonly orders: number;
  readonly per_second: number;
  /** Item ids, which take turns. */
  readonly items: readonly string[];
}

export interface LoadState {
  readonly running: boolean;
  /** Set while a stopped run waits for the orders under way. */
  readonly stopping: boolean;
  readonly started: number;
  readonly answered: number;
  readonly target: number;
  readonly retries: number;
  readonly outcomes: Readonly<Record<LoadOutcome, number>>;
  /** Milliseconds from each order's first try to its final answer, pauses included, in order of arrival. */
  readonly durations: readonly number[];
  readonly queued_ids: readonly string[];
  readonly elapsed_ms: number;
}

export interface LoadDeps {
  readonly place: (key: string, itemId: string) => Promise<PlacedOrder>;
  readonly makeKey: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
  readonly onChange: (state: LoadState) => void;
}

export function outcomeOf(status: number): LoadOutcome {
  if (status === 201) return 'confirmed';
  if (status === 202) return 'queued';
  if (status === 422 || status === 400) return 'refused';
  if (status === 429) return 'busy';
  return status === 503 ? 'unavailable' : 'unknown';
}

/** Whether a retry under the same key cannot change the outcome. */
const isFinal = (status: number): boolean => [201, 202, 400, 422].includes(status);

/** Places orders at a steady rate, a few at a time. Each has its own key, which retries keep. */
export class LoadRun {
  readonly #plan: LoadPlan;
  readonly #deps: LoadDeps;
  readonly #startedAt: number;
  #state: LoadState;

  constructor(plan: LoadPlan, deps: LoadDeps) {
    const orders = Math.max(1, Math.min(MAX_ORDERS, Math.trunc(plan.orders)));
    this.#plan = { ...plan, orders, per_second: Math.max(0.1, Math.min(MAX_RATE, plan.per_second)) };
    this.#deps = deps;
    this.#startedAt = deps.now();
    this.#state = {
      running: true,
      stopping: false,
      started: 0,
      answered: 0,
      target: orders,
      retries: 0,
      outcomes: { confirmed: 0, queued: 0, refused: 0, busy: 0, unavailable: 0, unknown: 0 },
      durations: [],
      queued_ids: [],
      elapsed_ms: 0,
    };
  }

  get state(): LoadState {
    return this.#state;
  }

  /** Ends once the orders under way are answered. */
  stop(): void {
    if (this.#state.running) this.#change({ stopping: true });
  }

  async run(): Promise<LoadState> {
    const underWay = new Set<Promise<void>>();
    for (let index = 0; index < this.#plan.orders && !this.#state.stopping; index++) {
      const due = this.#startedAt + (index * 1000) / this.#plan.per_second;
      const wait = due - this.#deps.now();
      if (wait > 0) await this.#deps.sleep(wait);
      if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
      if (this.#state.stopping) break;
      const one = this.#order(index).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await Promise.all(underWay);
    this.#change({ running: false, stopping: false });
    return this.#state;
  }

  async #order(index: number): Promise<void> {
    const { items } = this.#plan;
    const item = items[index % items.length] ?? '';
    const key = this.#deps.makeKey();
    this.#change({ started: this.#state.started + 1 });
    const sentAt = this.#deps.now();
    let placed = await this.#deps.place(key, item);
    for (let tries = 1; tries < MAX_TRIES && !isFinal(placed.status) && !this.#state.stopping; tries++) {
      await this.#deps.sleep(250 * 2 ** tries);
      this.#change({ retries: this.#state.retries + 1 });
      placed = await this.#deps.place(key, item);
    }
    const outcome = outcomeOf(placed.status);
    const { outcomes, durations, queued_ids } = this.#state;
    this.#change({
      answered: this.#state.answered + 1,
      outcomes: { ...outcomes, [outcome]: outcomes[outcome] + 1 },
      durations: [...durations, this.#deps.now() - sentAt],
      queued_ids: outcome === 'queued' && placed.order_id !== null ? [...queued_ids, placed.order_id] : queued_ids,
    });
  }

  #change(change: Partial<LoadState>): void {
    this.#state = { ...this.#state, ...change, elapsed_ms: this.#deps.now() - this.#startedAt };
    this.#deps.onChange(this.#state);
  }
}

import { isSettled, percentilesOf } from '@valerix/contracts';
import type { LoadSecond } from '../live/live-types.ts';
import { LOAD_OUTCOMES, type LoadOutcome, type LoadPlan, type LoadView } from '../live/load-view.ts';

/** The most orders that wait for an answer at once. An order that is due beyond them is counted as unsent. */
export const MAX_UNDER_WAY = 400;
const MAX_TRIES = 4;
/** Queued orders that settled before their 202 was read here. */
const MAX_EARLY = 1_000;

export interface PlacedOrder {
  /** 0 without an answer. */
  readonly status: number;
  readonly order_id: string | null;
}

export interface LoadDeps {
  readonly place: (key: string, itemId: string) => Promise<PlacedOrder>;
  readonly makeKey: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
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

/**
 * Places orders at a steady rate. Each is sent when it is due, however slow the answers before it are, so a slow system gets no
 * less load; its time counts from then. Each has its own key, which retries keep.
 */
export class LoadRun {
  readonly #plan: LoadPlan;
  readonly #deps: LoadDeps;
  readonly #startedAt: number;
  readonly #outcomes = Object.fromEntries(LOAD_OUTCOMES.map((one) => [one, 0])) as Record<LoadOutcome, number>;
  readonly #durations: number[] = [];
  readonly #waiting = new Set<string>();
  readonly #early = new Map<string, boolean>();
  readonly #settled = { confirmed: 0, refused: 0 };
  #second: { asked: number; durations: number[] } = { asked: 0, durations: [] };
  #running = true;
  #stopping = false;
  #due = 0;
  #underWay = 0;
  #retries = 0;
  #endedAt: number | null = null;

  constructor(plan: LoadPlan, deps: LoadDeps) {
    this.#plan = plan;
    this.#deps = deps;
    this.#startedAt = deps.now();
  }

  get view(): LoadView {
    const at = percentilesOf(this.#durations);
    const queued = this.#outcomes.queued > 0;
    return {
      running: this.#running,
      stopping: this.#stopping,
      orders: this.#plan.orders,
      per_second: this.#plan.per_second,
      due: this.#due,
      answered: this.#durations.length,
      retries: this.#retries,
      outcomes: { ...this.#outcomes },
      p50_ms: at(0.5) ?? null,
      p95_ms: at(0.95) ?? null,
      elapsed_ms: (this.#endedAt ?? this.#deps.now()) - this.#startedAt,
      settled: queued ? { ...this.#settled, waiting: this.#waiting.size } : null,
    };
  }

  /** What has happened since the last call; `null` after the end. */
  takeSecond(): LoadSecond | null {
    const { asked, durations } = this.#second;
    this.#second = { asked: 0, durations: [] };
    if (!this.#running && asked === 0 && durations.length === 0) return null;
    return { asked, answered: durations.length, p95_ms: percentilesOf(durations)(0.95) ?? null };
  }

  /** Sends no more orders. The run ends once those under way are answered. */
  stop(): void {
    this.#stopping = this.#running;
  }

  /** Tells of an order's new status; the run follows those that it saw queued. */
  heard(orderId: string, status: string | undefined): void {
    if (status === undefined || !isSettled(status)) return;
    const isConfirmed = status === 'confirmed';
    if (this.#waiting.delete(orderId)) this.#settle(isConfirmed);
    else if (this.#running) this.#remember(orderId, isConfirmed);
  }

  async run(): Promise<void> {
    const all: Promise<void>[] = [];
    const { orders, per_second } = this.#plan;
    for (let index = 0; index < orders; index++) {
      const dueAt = this.#startedAt + (index * 1000) / per_second;
      const wait = dueAt - this.#deps.now();
      if (wait > 0) await this.#deps.sleep(wait);
      if (this.#stopping) break;
      this.#due += 1;
      this.#second.asked += 1;
      if (this.#underWay >= MAX_UNDER_WAY) this.#outcomes.unsent += 1;
      else all.push(this.#order(index, dueAt));
    }
    await Promise.all(all);
    this.#running = false;
    this.#stopping = false;
    this.#endedAt = this.#deps.now();
    this.#early.clear();
  }

  async #order(index: number, dueAt: number): Promise<void> {
    const { items } = this.#plan;
    const item = items[index % items.length] ?? '';
    const key = this.#deps.makeKey();
    this.#underWay += 1;
    let placed = await this.#deps.place(key, item);
    for (let tries = 1; tries < MAX_TRIES && !isFinal(placed.status) && !this.#stopping; tries++) {
      await this.#deps.sleep(250 * 2 ** tries);
      this.#retries += 1;
      placed = await this.#deps.place(key, item);
    }
    this.#underWay -= 1;
    const duration = this.#deps.now() - dueAt;
    this.#durations.push(duration);
    this.#second.durations.push(duration);
    const outcome = outcomeOf(placed.status);
    this.#outcomes[outcome] += 1;
    if (outcome === 'queued' && placed.order_id !== null) this.#follow(placed.order_id);
  }

  #follow(orderId: string): void {
    const early = this.#early.get(orderId);
    if (early === undefined) this.#waiting.add(orderId);
    else this.#settle(early);
  }

  #settle(isConfirmed: boolean): void {
    this.#settled[isConfirmed ? 'confirmed' : 'refused'] += 1;
  }

  #remember(orderId: string, isConfirmed: boolean): void {
    this.#early.set(orderId, isConfirmed);
    const [oldest] = this.#early.keys();
    if (oldest !== undefined && this.#early.size > MAX_EARLY) this.#early.delete(oldest);
  }
}

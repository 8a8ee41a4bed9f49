/** The limits of a run of load, which is a demonstration and no benchmark. */
export const MAX_ORDERS = 20_000;
export const MAX_RATE = 200;

export const LOAD_OUTCOMES = ['confirmed', 'queued', 'refused', 'busy', 'unavailable', 'unknown', 'unsent'] as const;
export type LoadOutcome = (typeof LOAD_OUTCOMES)[number];

export interface LoadPlan {
  readonly orders: number;
  readonly per_second: number;
  /** Item ids, which take turns. */
  readonly items: readonly string[];
}

/** A run of load as every browser sees it. */
export interface LoadView {
  readonly running: boolean;
  /** Set while a stopped run waits for the orders under way. */
  readonly stopping: boolean;
  readonly orders: number;
  readonly per_second: number;
  readonly due: number;
  readonly answered: number;
  readonly retries: number;
  readonly outcomes: Readonly<Record<LoadOutcome, number>>;
  /** From the moment an order was due to its final answer, pauses included. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly elapsed_ms: number;
  /** The queued orders by their state since; `null` before any was queued. */
  readonly settled: Readonly<Record<'confirmed' | 'refused' | 'waiting', number>> | null;
}

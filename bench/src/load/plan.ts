/** The load generator's plan and result; both cross a process boundary as JSON. */

/** The kind of all requests of a plan. */
export type Work =
  /**
   * New orders of one unit, each with a random key; the items take turns, and the customers' access tokens. A paid one is charged by the
   * simulated provider.
   */
  | { kind: 'order'; items: readonly string[]; paid?: true; tokens?: readonly string[] }
  /** The same order again under known keys, which take turns. */
  | { kind: 'replay'; item: string; keys: readonly string[] }
  | { kind: 'get'; paths: readonly string[] }
  /** The body of an order, for a server that sends it back. */
  | { kind: 'echo' };

export type Pace =
  /** Each connection sends its next request once the last one is answered. */
  | { loop: 'closed'; connections: number }
  /** Requests leave at a fixed rate, however slow the answers are. */
  | { loop: 'open'; perSecond: number };

export interface LoadPlan {
  url: string;
  work: Work;
  pace: Pace;
  /** The time before the measurement. */
  warmup_ms: number;
  duration_ms: number;
  /** Ends the measurement early, after this many answers. */
  maxRequests?: number;
  /** Returns the keys of the placed orders. */
  wantKeys?: boolean;
  /** How long answers are waited for after the measurement. Without it, requests under way are dropped and not counted. */
  patience_ms?: number;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  /** The number of answers by status; `0` counts broken connections. */
  statuses: Record<string, number>;
  /** From the start of a request; in an open loop, from the moment at which it should have started. */
  latency_ms: Latency;
  /** The same, by status. */
  by_status_ms: Record<string, Latency>;
  /** Requests that had no answer when the patience was over. */
  unanswered: number;
  keys: string[];
}

export type Latency = Record<'p50' | 'p95' | 'p99' | 'max', number>;

export type GeneratorMessage = { at: 'measuring' } | { at: 'over' } | { at: 'result'; result: LoadResult };

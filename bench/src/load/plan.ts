/** The plan of the load generator and its answer; both cross a process boundary as JSON. */

/** What one request is; every request of a plan is of one kind. */
export type Work =
  /** A new order of one unit: items in turn, a random key for each order. */
  | { kind: 'order'; items: readonly string[] }
  /** The same order again under a known key: keys in turn. */
  | { kind: 'replay'; item: string; keys: readonly string[] }
  | { kind: 'get'; paths: readonly string[] }
  /** The body of an order, for a server that sends it back. */
  | { kind: 'echo' };

export type Pace =
  /** Each connection sends its next request when the last one is answered. */
  | { loop: 'closed'; connections: number }
  /** Requests leave at a fixed rate, however slow the answers are. */
  | { loop: 'open'; perSecond: number };

export interface LoadPlan {
  url: string;
  work: Work;
  pace: Pace;
  /** Not measured. */
  warmup_ms: number;
  duration_ms: number;
  /** Ends earlier when this many requests are answered. */
  maxRequests?: number;
  /** Return the keys of the placed orders. */
  wantKeys?: boolean;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  /** Answers by status; `0` counts connections that failed. */
  statuses: Record<string, number>;
  /** From the start of a request, in an open loop from the moment it should have started. */
  latency_ms: Latency;
  keys: string[];
}

export interface Latency {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export type GeneratorMessage = { at: 'measuring' } | { at: 'over' } | { at: 'result'; result: LoadResult };

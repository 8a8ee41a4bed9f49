import type { Full } from './measure/measure.ts';

/** A rate per second, measured without CPU or latency. */
export interface Rate {
  per_second: number;
  /** How long it took, if it was work with an end. */
  seconds?: number;
}

export type Measured = Full | Rate;

/** What every result says about its run. */
export interface RunFacts {
  date: string;
  commit: string;
  command: string;
  quick: boolean;
  runs: number;
  machine: Machine;
  /** The load average at the start; above 0.5, other programs used the machine too. */
  load_before: number;
  /** By the ids of the cases. */
  measured: Record<string, Measured>;
}

/** The result of one `make bench`. */
export interface BenchResult extends RunFacts {
  /** Microseconds for the same work after a pause, by pause in milliseconds. */
  cold_work: Record<string, number>;
  settle: Settled;
  chaos: ChaosResult;
  growth: Growth;
  /** MB by process: at the start, under load in the first and in the last round, and at the end. */
  memory: Record<'start' | 'load_first' | 'load_last' | 'after', Record<string, number>>;
  /** The statements that took most of the database's time. */
  statements: { query: string; calls: number; total_ms: number }[];
}

export interface Machine {
  cpu: string;
  cores: number;
  memory_gb: number;
  system: string;
  node: string;
  postgres: string;
  redis: string;
  /** The PostgreSQL settings on which the cost of a commit depends. */
  durability: string;
}

export interface Settled {
  queued: number;
  seconds: number;
  per_second: number;
}

export interface ChaosResult {
  load: Full;
  drain: Settled;
}

export interface Growth {
  few: number;
  many: number;
  /** Measured before and after `many`, to tell growth from a machine that slows down. */
  before: Full;
  at_many: Full;
  after: Full;
  /** The system's CPU time per order at `many` divided by that at `few`, without the generator. */
  cpu_ratio: number;
}

import type { Full } from './measure/measure.ts';

/** A rate per second, measured without CPU or latency. */
export interface Rate {
  per_second: number;
}

export type Measured = Full | Rate;

/** The result of one `make bench`, from which the document is made. Keys of `measured` are the ids of `cases.ts`. */
export interface BenchResult {
  date: string;
  commit: string;
  command: string;
  quick: boolean;
  runs: number;
  machine: Machine;
  /** Load of the machine when the run began; above 0.5, other programs used it too. */
  load_before: number;
  measured: Record<string, Measured>;
  /** Microseconds the same work takes after a pause, by pause in milliseconds. */
  cold_work: Record<string, number>;
  settle: Settled;
  chaos: ChaosResult;
  growth: Growth;
  memory: MemoryCourse;
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
  /** Settings of PostgreSQL that decide what a commit costs. */
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
  /** Measured before and after `many`, to tell growth from a machine that became slower. */
  before: Full;
  at_many: Full;
  after: Full;
  /** The system's CPU time per order at `many`, without the generator, divided by that at `few`. */
  cpu_ratio: number;
}

/** MB by process. */
export interface MemoryCourse {
  start: Record<string, number>;
  /** Under load, in the first round and in the last. */
  load_first: Record<string, number>;
  load_last: Record<string, number>;
  after: Record<string, number>;
}

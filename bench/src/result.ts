import type { Full } from './measure/measure.ts';

/** Something that is counted per second and nothing else. */
export interface Rate {
  per_second: number;
}

export type Measured = Full | Rate;

/** What one `make bench` found; the document is made of it. Keys of `measured` are the ids of `cases.ts`. */
export interface BenchResult {
  date: string;
  commit: string;
  command: string;
  quick: boolean;
  runs: number;
  machine: Machine;
  /** Load of the machine when the run began: above 0.5, others worked on it too. */
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
  /** Before and after the many, so that a machine that grew slower meanwhile is not taken for growth. */
  before: Full;
  at_many: Full;
  after: Full;
  /** CPU time per order at `many`, of the system without the generator, over that at `few`. */
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

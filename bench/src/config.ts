import { resolve } from 'node:path';
import { flag, parseEnv } from '@valerix/service-kit/env';
import { z } from 'zod';

/** How long and how often to measure. `QUICK=1` gives a rough comparison; only a full run is published. */
export interface BenchConfig {
  quick: boolean;
  /** Rounds. The result is the median of their measurements. */
  runs: number;
  warmup_ms: number;
  duration_ms: number;
  /** Orders to queue and then settle. */
  queued: number;
  /** Orders of the history that the auditor reads again under pressure. */
  history: number;
  /** Orders in the table before and after the growth. */
  few: number;
  many: number;
  chaos_ms: number;
  /** How long a transaction of someone else is held open. */
  pressure_ms: number;
}

export const ROOT = resolve(import.meta.dirname, '../..');

const FULL = {
  runs: 3,
  warmup_ms: 2_000,
  duration_ms: 5_000,
  many: 1_000_000,
  chaos_ms: 20_000,
  pressure_ms: 20_000,
  history: 250_000,
};
const QUICK = {
  runs: 1,
  warmup_ms: 1_000,
  duration_ms: 2_000,
  many: 100_000,
  chaos_ms: 8_000,
  pressure_ms: 5_000,
  history: 50_000,
};

/** @throws ConfigError when QUICK is neither on nor off */
export function readConfig(env: Record<string, string | undefined> = process.env): BenchConfig {
  const { QUICK: quick } = parseEnv(z.object({ QUICK: flag.default(false) }), env);
  return {
    quick,
    ...(quick ? QUICK : FULL),
    queued: 10_000,
    few: 10_000,
  };
}

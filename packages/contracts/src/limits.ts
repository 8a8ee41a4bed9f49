/** The longest and the default lifetime of a fault, in seconds. */
export const MAX_FAULT_SECONDS = 3600;
export const DEFAULT_FAULT_SECONDS = 300;
/** The highest `max_hits` of a fault. */
export const MAX_FAULT_HITS = 1_000_000;

/** The three named strengths of the simple API. */
export const CHAOS_PRESETS = {
  mild: { latency: true, latency_ms: 2000, crash_rate: 0.1, partial_failure_rate: 0.05 },
  moderate: { latency: true, latency_ms: 5000, crash_rate: 0.3, partial_failure_rate: 0.2 },
  extreme: { latency: true, latency_ms: 10_000, crash_rate: 0.5, partial_failure_rate: 0.3 },
} as const;
export type ChaosPreset = keyof typeof CHAOS_PRESETS;

/** The bounds of a run started over HTTP; the command line accepts more. */
export const GAMEDAY_LIMITS = {
  seed: { min: 1, max: 1_000_000 },
  duration_s: { min: 5, max: 7_200 },
  rate: { min: 1, max: 500 },
} as const;

/** The most payments in one answer of `GET /api/payments/open`. */
export const MAX_OPEN_PAYMENTS = 100;

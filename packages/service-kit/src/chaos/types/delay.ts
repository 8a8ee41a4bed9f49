import type { FaultParams } from '@valerix/contracts';

/** The delay of one firing, milliseconds: the pattern's next value, a draw from the range, or the fixed value. */
export function delayMs(
  { latency_ms = 0, latency_max_ms, pattern_ms }: FaultParams,
  turn: number,
  draw: number,
): number {
  if (pattern_ms) return pattern_ms[(turn - 1) % pattern_ms.length] as number;
  if (latency_max_ms === undefined) return latency_ms;
  return latency_ms + Math.floor(draw * (latency_max_ms - latency_ms + 1));
}

/** What is wrong with the parameters of a delay: a message per field. */
export function checkDelay(params: FaultParams): Partial<Record<keyof FaultParams, string>> {
  const { latency_ms, latency_max_ms, pattern_ms } = params;
  if (pattern_ms && latency_ms !== undefined) return { pattern_ms: 'cannot be combined with latency_ms' };
  if (pattern_ms && latency_max_ms !== undefined) return { pattern_ms: 'cannot be combined with latency_max_ms' };
  if (pattern_ms) return {};
  if (latency_ms === undefined) return { latency_ms: 'is required, unless pattern_ms is given' };
  if (latency_max_ms !== undefined && latency_max_ms < latency_ms) {
    return { latency_max_ms: 'must not be less than latency_ms' };
  }
  return {};
}

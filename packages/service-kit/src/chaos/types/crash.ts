import { DEFAULT_MIN_INTERVAL_MS } from '@valerix/contracts';
import type { FaultKind } from '../fault-kind.ts';

/**
 * The process dies at once by SIGKILL, so it flushes, closes and hands over nothing. Only the order's mark is sent first: no
 * other process could write it. A young process does not die, so that between two deaths it works and can be told to stop.
 */
export const crash = {
  type: 'crash',
  params: ['min_interval_ms'],
  spares: ({ params }) => process.uptime() * 1_000 < (params.min_interval_ms ?? DEFAULT_MIN_INTERVAL_MS),
  async fire({ lastWords, over }) {
    await lastWords();
    if (over()) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
} as const satisfies FaultKind;

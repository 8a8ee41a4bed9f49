import { DEFAULT_MIN_INTERVAL_MS } from '@valerix/contracts';
import type { FaultKind } from '../fault-kind.ts';

/**
 * Ends a process as abruptly as SIGKILL, because no code of ours or of Node handles it, and nothing else sends it. So the parent in
 * a container can tell a crash from the kernel's SIGKILL (process-one.sh).
 */
const DEATH_SIGNAL = 'SIGVTALRM';

/**
 * The process dies at once, so it flushes, closes and hands over nothing. Only the order's mark is sent first: no
 * other process could write it. A young process does not die, so that between two deaths it works and can be told to stop.
 */
export const crash = {
  type: 'crash',
  params: ['min_interval_ms'],
  spares: ({ params }) => process.uptime() * 1_000 < (params.min_interval_ms ?? DEFAULT_MIN_INTERVAL_MS),
  async fire({ lastWords, over }) {
    await lastWords();
    if (over()) return;
    process.kill(process.pid, DEATH_SIGNAL);
    await new Promise(() => {});
  },
} as const satisfies FaultKind;

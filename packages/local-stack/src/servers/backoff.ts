/** After this much uptime a process counts as healthy: its next restart waits the shortest delay again. */
export const HEALTHY_AFTER_MS = 10_000;

const FIRST_MS = 500;
const LONGEST_MS = 5_000;

/** The delay before a restart after `failures` in a row: 0.5 s, doubled each time, 5 s at most. */
export function restartDelayMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}

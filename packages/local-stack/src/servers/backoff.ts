/** A process that stayed up this long is healthy again: its next death starts the delays anew. */
export const HEALTHY_AFTER_MS = 10_000;

const FIRST_MS = 500;
const LONGEST_MS = 5_000;

/** How long to wait before a restart, after so many failures in a row: 0.5 s, doubled each time, 5 s at most. */
export function restartDelayMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}

/** A process that stayed up this long is healthy again: its next death starts the delays anew. */
export const healthyAfter_ms = 10_000;

const first_ms = 500;
const longest_ms = 5_000;

/** How long to wait before a restart, after so many failures in a row: 0.5 s, doubled each time, 5 s at most. */
export function restartDelay_ms(failures: number): number {
  return Math.min(longest_ms, first_ms * 2 ** failures);
}

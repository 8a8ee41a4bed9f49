import type { FaultWindow } from '../runner/fault-log.ts';
import { readHistory } from '../workload/history.ts';

/** The result of one client's attempt to order. */
export interface Placement {
  /** When the client meant to order, milliseconds after the start. */
  intendedMs: number;
  /** From then to its answer. */
  latencyMs: number;
  /** 0: it never got an answer. */
  status: number;
  /** How often it asked. */
  attempts: number;
}

/** Every order that was placed, from the history of a run. */
export async function readPlacements(historyFile: string): Promise<Placement[]> {
  const placements: Placement[] = [];
  for await (const { f, type, intended, latency, status, attempts } of readHistory(historyFile)) {
    if (f !== 'place' || type === 'invoke') continue;
    placements.push({
      intendedMs: intended ?? 0,
      latencyMs: latency ?? 0,
      status: type === 'unknown' ? 0 : (status ?? 0),
      attempts: attempts ?? 1,
    });
  }
  return placements;
}

/** The placements whose intended time lies within the fault. */
export function placedDuring(
  { faults }: { faults: readonly FaultWindow[] },
  placements: readonly Placement[],
  fault: string,
): Placement[] {
  const windows = faults.filter(({ name }) => name === fault);
  return placements.filter(({ intendedMs }) =>
    windows.some(({ from, to }) => intendedMs >= from && intendedMs < (to ?? Number.POSITIVE_INFINITY)),
  );
}

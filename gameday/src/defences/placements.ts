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

/** The placements whose intended time lies within the fault, or so many seconds after its end. */
export function placedDuring(
  { faults }: { faults: readonly FaultWindow[] },
  placements: readonly Placement[],
  fault: string,
  after?: readonly [fromS: number, toS: number],
): Placement[] {
  const windows = faults
    .filter(({ name }) => name === fault)
    .map(({ from, to = Number.POSITIVE_INFINITY }) => (after ? after.map((s) => to + s * 1_000) : [from, to]));
  return placements.filter(({ intendedMs }) =>
    windows.some(([from = 0, to = 0]) => intendedMs >= from && intendedMs < to),
  );
}

import type { HaltState } from '@valerix/contracts';

/** Nothing was ever halted. */
export const NEVER_HALTED: HaltState = { halted: false, by: null, reason: null, at: null };

const timeOf = (latch: HaltState | undefined) => (latch?.at ? Date.parse(latch.at) : 0);

export const isNewer = (latch: HaltState, than: HaltState | undefined): boolean => timeOf(latch) > timeOf(than);

/** The halt lives in Redis, in each service's database and in each process; the newest of what they say holds. */
export const newestLatch = (...latches: (HaltState | undefined)[]): HaltState =>
  latches.reduce<HaltState>((newest, one) => (one && isNewer(one, newest) ? one : newest), NEVER_HALTED);

/** A latch later than every one known here, also when the clock that made the last one was ahead of this one. */
export function nextLatch(known: HaltState, latch: Pick<HaltState, 'halted' | 'by' | 'reason'>): HaltState {
  return { ...latch, at: new Date(Math.max(Date.now(), timeOf(known) + 1)).toISOString() };
}

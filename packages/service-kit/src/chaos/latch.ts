import type { HaltState } from '@valerix/contracts';

/** The state of a system that was never halted. */
export const NEVER_HALTED: HaltState = { halted: false, by: null, reason: null, at: null };

const timeOf = (latch: HaltState | undefined) => (latch?.at ? Date.parse(latch.at) : 0);

export const isNewer = (latch: HaltState, than: HaltState | undefined): boolean => timeOf(latch) > timeOf(than);

/** Redis, each service's database and each process keep the latch; the newest one holds. */
export const newestLatch = (...latches: (HaltState | undefined)[]): HaltState =>
  latches.reduce<HaltState>((newest, one) => (one && isNewer(one, newest) ? one : newest), NEVER_HALTED);

/** A latch that is newer than `known`, even if the clock that made `known` was ahead of this one. */
export function nextLatch(known: HaltState, latch: Pick<HaltState, 'halted' | 'by' | 'reason'>): HaltState {
  return { ...latch, at: new Date(Math.max(Date.now(), timeOf(known) + 1)).toISOString() };
}

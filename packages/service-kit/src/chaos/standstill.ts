import { pause } from '../backoff.ts';
import type { Lease } from './lease.ts';

/** The event loop is blocked for this long at a time, milliseconds. */
const SLICE_MS = 250;
/** Between two slices it runs for this long, milliseconds: enough to read Redis, or a halt that a client sends. */
const BREATH_MS = 25;

/** Makes the process stand still, in slices, because a process that is blocked for good cannot hear that the fault has ended. */
export function createStandstill() {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let underWay: Promise<void> | undefined;

  async function block(ms: number, lease: Pick<Lease, 'remainingMs'>): Promise<void> {
    const until = performance.now() + ms;
    for (;;) {
      const leftMs = Math.min(until - performance.now(), lease.remainingMs());
      if (leftMs <= 0) return;
      // Blocks the thread without burning a core.
      Atomics.wait(cell, 0, 0, Math.min(leftMs, SLICE_MS));
      await pause(BREATH_MS);
    }
  }

  return {
    /** Settled when the process goes on; undefined while it does not stand still. */
    get underWay() {
      return underWay;
    },

    /** Stands still for `ms` milliseconds, or until the lease is over. Joins a standstill that is under way: they do not add up. */
    begin(ms: number, lease: Pick<Lease, 'remainingMs'>): Promise<void> {
      underWay ??= block(ms, lease).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}

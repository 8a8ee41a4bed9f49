import type { FaultKind } from '../fault-kind.ts';
import { InjectedReset } from '../injected.ts';

/** The longest a step is held, milliseconds, so that a fault cannot pile up work for an hour (I13). */
export const MAX_SILENCE_MS = 10_000;

/**
 * The caller never hears of this step again. It is held until the fault ends, 10 s at most, and then ended without an answer:
 * nobody who waited that long still waits.
 */
export const dropResponse = {
  type: 'drop-response',
  params: [],
  async fire({ fault, wait }) {
    await wait(MAX_SILENCE_MS);
    throw new InjectedReset(fault);
  },
} as const satisfies FaultKind;

import type { FaultKind } from '../fault-kind.ts';
import { InjectedReset } from '../injected.ts';

/** How long a step is held at most, milliseconds. A fault of an hour must not pile up work for an hour (I13). */
const MAX_SILENCE_MS = 10_000;

/** The caller gets no answer. The step is held until the fault ends, 10 s at most; then its connection is cut. */
export const dropResponse = {
  type: 'drop-response',
  params: [],
  async fire({ fault, wait }) {
    await wait(MAX_SILENCE_MS);
    throw new InjectedReset(fault);
  },
} as const satisfies FaultKind;

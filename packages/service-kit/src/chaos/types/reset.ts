import type { FaultKind } from '../fault-kind.ts';
import { InjectedReset } from '../injected.ts';

/** Cuts the request's connection with a RST. Everything else on that connection is cut too. */
export const reset = {
  type: 'reset',
  params: [],
  fire({ fault }) {
    throw new InjectedReset(fault);
  },
} as const satisfies FaultKind;

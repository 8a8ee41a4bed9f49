import type { FaultKind } from '../fault-kind.ts';
import { InjectedReset } from '../injected.ts';

/** The connection the request came on is cut with a RST, and everything else on it with it. */
export const reset = {
  type: 'reset',
  params: [],
  fire({ fault }) {
    throw new InjectedReset(fault);
  },
} as const satisfies FaultKind;

import type { FaultKind } from '../fault-kind.ts';
import { InjectedFault } from '../injected.ts';

/** The step fails. A request is answered with the status: 500 unless set. */
export const error = {
  type: 'error',
  params: ['status'],
  fire({ fault }) {
    throw new InjectedFault(fault, fault.params.status ?? 500);
  },
} as const satisfies FaultKind;

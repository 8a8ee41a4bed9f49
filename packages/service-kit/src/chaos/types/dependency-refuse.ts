import type { FaultKind } from '../fault-kind.ts';

/** The dependency refuses connections, as if no process listened at its address. */
export const dependencyRefuse = {
  type: 'dependency-refuse',
  params: ['dependency'],
  fire({ fault }) {
    const error = new Error(`connect ECONNREFUSED (fault ${fault.id} was injected)`);
    throw Object.assign(error, { code: 'ECONNREFUSED' });
  },
} as const satisfies FaultKind;

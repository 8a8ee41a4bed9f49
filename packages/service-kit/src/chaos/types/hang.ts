import type { FaultKind } from '../fault-kind.ts';

/** The process stands still: it answers nothing, probes included, and its timers are late. */
export const hang = {
  type: 'hang',
  params: ['hang_ms'],
  check: ({ hang_ms }) => (hang_ms === undefined ? { hang_ms: 'is required' } : {}),
  async fire({ fault, told, standStill }) {
    await told();
    await standStill(fault.params.hang_ms ?? 0);
  },
} as const satisfies FaultKind;

import type { FaultKind } from '../fault-kind.ts';

/** The event loop stands still: probes, timers and every other request of this process included. */
export const hang = {
  type: 'hang',
  params: ['hang_ms'],
  check: ({ hang_ms }) => (hang_ms === undefined ? { hang_ms: 'is required' } : {}),
  async fire({ fault, told }) {
    await told();
    // Blocks the thread without burning a core.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.params.hang_ms ?? 0);
  },
} as const satisfies FaultKind;

import type { FaultKind } from '../fault-kind.ts';
import { checkDelay, delayMs } from './delay.ts';

/** The step waits, then goes on. */
export const latency = {
  type: 'latency',
  params: ['latency_ms', 'latency_max_ms', 'pattern_ms'],
  check: checkDelay,
  fire: ({ fault, turn, draw, wait }) => wait(delayMs(fault.params, turn, draw)),
} as const satisfies FaultKind;

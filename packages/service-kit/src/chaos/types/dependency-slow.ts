import type { FaultKind } from '../fault-kind.ts';
import { checkDelay, delayMs } from './delay.ts';

/** The service waits for each connection that it takes to PostgreSQL, or for each command that it sends to Redis. */
export const dependencySlow = {
  type: 'dependency-slow',
  params: ['latency_ms', 'latency_max_ms', 'pattern_ms', 'dependency'],
  check: checkDelay,
  fire: ({ fault, turn, draw, wait }) => wait(delayMs(fault.params, turn, draw)),
} as const satisfies FaultKind;

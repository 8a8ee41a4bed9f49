import { expect, it } from 'vitest';
import { likeliestFirst, type Pair } from './fault-pairs.ts';

const strike = (point: string, call: string, kind: 'lose' | 'delay'): Pair[number] => ({
  ...{ point, call, isReply: false, faults: [] },
  fault: { kind },
});
const DEDUCT = 'order>inventory: POST /api/inventory/commands deduct';
const first = strike('order-1>inventory-1: deduct #0', DEDUCT, 'delay');
const next = (kind: 'lose' | 'delay') => strike('order-1>inventory-2: deduct #0', DEDUCT, kind);
const release = strike('order-1>inventory-1: release #0', 'order>inventory: release', 'delay');
const commit = strike('order-1>db-order: COMMIT #4', 'order>db-order: COMMIT', 'delay');

it('plays a fault that outlasts an attempt first, then other faults of the next attempt, then other calls, the databases last', () => {
  const likeliest = [
    [first, next('delay')],
    [first, next('lose')],
    [first, release],
    [first, commit],
  ] as const;
  const inOrder = likeliest.map((pair) => pair.map(({ point, fault }) => [point, fault]));
  for (const given of [likeliest, likeliest.toReversed()]) {
    expect(likeliestFirst(given).map((faults) => Object.entries(faults))).toEqual(inOrder);
  }
});

import type { FaultMatch } from '@valerix/contracts';
import { expect, it } from 'vitest';
import { isRoute, matches } from '../../src/chaos/match.ts';

const work = {
  order_id: '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11',
  item_ids: ['ps5', 'xbox'],
  method: 'POST',
  paths: ['/api/inventory/deduct', '/api/inventory/commands'],
  headers: { 'x-tenant': 'a' },
};

it.each<[FaultMatch, boolean]>([
  [{}, true],
  [{ item_id: 'xbox' }, true],
  [{ item_id: 'chair' }, false],
  [{ order_id: work.order_id }, true],
  [{ order_id: '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a12' }, false],
  [{ method: 'post' }, true],
  [{ method: 'GET' }, false],
  [{ route: '/api/inventory/deduct' }, true],
  [{ route: '/api/inventory/:item_id' }, true],
  [{ route: '/api/inventory/:item_id/restock' }, false],
  [{ header: { name: 'X-Tenant', value: 'a' } }, true],
  [{ header: { name: 'X-Tenant', value: 'b' } }, false],
  [{ item_id: 'ps5', method: 'GET' }, false],
])('%j matches: %s', (match, expected) => {
  expect(matches(match, work)).toBe(expected);
});

it('a condition about something unknown does not hold', () => {
  expect(matches({ item_id: 'ps5' }, {})).toBe(false);
  expect(matches({ route: '/api/orders' }, {})).toBe(false);
  expect(matches({}, {})).toBe(true);
});

it('a route template stands for every value of its parameters, and for no other length', () => {
  expect(isRoute('/api/orders/:id', '/api/orders/42/')).toBe(true);
  expect(isRoute('/api/orders/:id', '/api/orders')).toBe(false);
  expect(isRoute('/api/orders/:id', '/api/orders/42/cancel')).toBe(false);
});

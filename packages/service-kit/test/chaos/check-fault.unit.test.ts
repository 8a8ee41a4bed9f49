import { armFaultBody, FAILPOINTS } from '@valerix/contracts';
import { expect, it } from 'vitest';
import { checkFault } from '../../src/chaos/check-fault.ts';

const valid = { service: 'inventory-service', point: 'inbound', type: 'latency', params: { latency_ms: 10 } };
const problems = (change: object) =>
  checkFault(armFaultBody.parse({ ...valid, ...change })).map(({ field, message }) => `${field} ${message}`);

it('a fault that fits its point passes', () => {
  expect(problems({})).toEqual([]);
});

it.each<[object, RegExp]>([
  [{ point: 'nowhere' }, /^point "nowhere" is not one of inventory-service: inbound, /],
  [{ point: 'order.before-create' }, /^point /],
  [
    { type: 'dependency-refuse', params: {} },
    /^type "dependency-refuse" is not possible at inbound; possible: latency/,
  ],
  [{ point: 'ledger.before-commit', type: 'reset', params: {} }, /^type "reset" is not possible/],
  [{ params: {} }, /^params.latency_ms is required, unless pattern_ms is given/],
  [{ params: { latency_ms: 10, latency_max_ms: 5 } }, /^params.latency_max_ms must not be less than latency_ms/],
  [{ params: { latency_ms: 10, pattern_ms: [1] } }, /^params.pattern_ms cannot be combined/],
  [{ params: { latency_ms: 10, status: 500 } }, /^params.status is not a parameter of latency/],
  [{ type: 'hang', params: {} }, /^params.hang_ms is required/],
  [{ every_nth: 3, percentage: 50 }, /^every_nth cannot be combined with a percentage/],
  [
    { point: 'after-commit', match: { header: { name: 'a', value: 'b' } } },
    /^match.header is not known at after-commit/,
  ],
  [{ service: 'order-service', point: 'outbound', match: { route: '/x' } }, /^match.route is not known at outbound/],
  [
    { point: 'dependency.redis', type: 'dependency-refuse', params: { dependency: 'postgres' } },
    /^params.dependency does not agree with the point/,
  ],
  [
    { point: 'dependency.redis', type: 'dependency-refuse', params: {}, match: { item_id: 'ps5' } },
    /^match.item_id is not known at dependency.redis/,
  ],
])('%j is refused', (change, message) => {
  expect(problems(change)).toEqual([expect.stringMatching(message)]);
});

it('each point of each service is named once', () => {
  const names = FAILPOINTS.map(({ service, point }) => `${service} ${point}`);
  expect(new Set(names).size).toBe(names.length);
});

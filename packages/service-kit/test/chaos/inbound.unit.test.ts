import type { Fault } from '@valerix/contracts';
import type { Request, Response } from 'express';
import { expect, it, vi } from 'vitest';
import { inboundFaults } from '../../src/chaos/inbound.ts';
import { createInjector } from '../../src/chaos/injector.ts';
import { GUEST, type Principal } from '../../src/identity/principal.ts';
import { aFault } from './a-fault.ts';

const ID = '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11';

/** What a request fails with at a door where requests that match are refused, and the marks that were left. */
async function knock(match: Fault['match'], request: Partial<Request>) {
  const send = vi.fn();
  const injector = createInjector({
    service: 'order-service',
    replica: 'r1',
    points: ['inbound'],
    turns: { take: async () => 'skip' },
    marks: { send, sent: async () => {} },
  });
  injector.load([{ fault: aFault({ match }), remainingMs: 60_000 }]);
  const handler = inboundFaults(injector);
  const req = { headers: {}, principal: GUEST, ...request } as Request;
  const failure = await new Promise((next) => handler(req, {} as Response, next));
  return { failure, marks: send.mock.calls.map(([, context]) => context) };
}

const requests: [string, Partial<Request>][] = [
  ['in the path', { method: 'GET', path: `/api/orders/${ID.toUpperCase()}` }],
  ['in the body', { method: 'POST', path: '/api/inventory/release', body: { order_id: ID.toUpperCase() } }],
];

it.each(requests)('a fault on one order hits it when its caller writes the id %s in capitals', async (_, request) => {
  const { failure } = await knock({ order_id: ID }, request);
  expect(failure).toMatchObject({ code: 'INJECTED_FAULT' });
});

it.each([
  ['bare', 'key-1', 'key-1', GUEST],
  ['quoted', '"key-1"', 'key-1', GUEST],
  ['quoted, with a quote in it', '"key-\\"1"', 'key-"1', GUEST],
  ['a customer’s', 'key-1', 'ada\u001fkey-1', { kind: 'customer', id: 'ada', name: 'Ada' } satisfies Principal],
])('a mark finds the order by the key it is stored with: %s', async (_, sent, stored, principal) => {
  const headers = { 'idempotency-key': sent };
  const { marks } = await knock({}, { method: 'POST', path: '/api/orders', headers, principal });
  expect(marks).toMatchObject([{ idempotency_key: stored }]);
});

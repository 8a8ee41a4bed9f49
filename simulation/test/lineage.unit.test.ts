import { expect, it } from 'vitest';
import { watchLineage } from '../src/lineage.ts';
import type { Link } from '../src/world/network.ts';

const KEY = 'sim-0';
const ID = '019a0000-0000-7000-8000-000000000001';
const NOBODY = { sender: false, receiver: false };
const LOOK = 'a look of the client or of the auditor decides nothing';

/** Sends a request and its reply through a watch. @returns the points that it reached, and what it left out */
function watched(name: string, request: string, reply: string) {
  const { observe, lineage } = watchLineage(KEY);
  const link = { name } as Link;
  const ends = { kind: 'http' as const, link, sender: undefined, receiver: undefined };
  const place = { what: 'POST /api/orders', bytes: Buffer.from(`{"idempotency_key":"${KEY}","order_id":"${ID}"}`) };
  observe({ ...ends, ...place, point: 'place', isReply: false, link: { name: 'clients>order-1' } as Link }, NOBODY);
  observe({ ...ends, point: 'request', isReply: false, what: request, bytes: Buffer.from(request) }, NOBODY);
  observe({ ...ends, point: 'reply', isReply: true, what: '200', bytes: Buffer.from(reply) }, NOBODY);
  return { points: lineage.reached.map(({ point }) => point), leftOut: lineage.leftOut };
}

it.each([
  ['a client that names the order', 'clients>order-1', `GET /api/orders/${ID}`, 5],
  ['a client that lists orders', 'clients>order-1', 'GET /api/orders', 2],
  ['the auditor', 'order-2>inventory-1', 'GET /api/inventory/ledger', 2],
])('leaves out a look of %s, and its reply', (_who, name, request, count) => {
  const { points, leftOut } = watched(name, request, `{"order_id":"${ID}"}`);
  expect(points).toEqual(['place']);
  expect(leftOut).toEqual({ [LOOK]: count });
});

it.each([
  ['a command', 'order-1>inventory-1', `POST /api/inventory/commands ${ID}`],
  ['a question to the provider', 'payment-1>provider-1', `GET /v1/charges/${ID}`],
])('keeps %s, and its reply', (_what, name, request) => {
  const { points, leftOut } = watched(name, request, '{}');
  expect(points).toEqual(['place', 'request', 'reply']);
  expect(leftOut).toEqual({});
});

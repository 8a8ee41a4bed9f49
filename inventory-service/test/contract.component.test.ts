import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf } from '../../test/support/contract.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
import { SECRETS, TOKEN } from '../../test/support/service-process.ts';
import { openApiDocument } from '../src/openapi.ts';
import { deduction, operator } from './chaos-harness.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

// What /openapi.json says is what is answered: status, headers, type, body and code.
const contract = contractOf(openApiDocument, TOKEN, SECRETS.ORDER_TO_INVENTORY_CREDENTIAL);
let house: InventoryHarness;
beforeAll(async () => {
  house = await startInventoryService();
});
afterAll(() => house.stop());

const FAULT = { service: 'inventory-service', point: 'inbound', type: 'error', match: { item_id: 'nothing' } };
const ORDER = randomUUID();

/** A request of each operation that is in order. */
const VALID: Record<string, Request> = {
  'POST /api/inventory': { body: { item_id: 'contract', item_name: 'Contract', quantity: 1, price_cents: 100 } },
  'PATCH /api/inventory/{item_id}': { url: '/api/inventory/ps5', body: { price_cents: 49_998 } },
  'GET /api/inventory/{item_id}': { url: '/api/inventory/ps5' },
  'GET /api/inventory/ledger': { url: '/api/inventory/ledger?limit=3' },
  'GET /api/decisions/{order_id}': { url: `/api/inventory/decisions/${ORDER}` },
  'POST /api/inventory/deduct': { body: { order_id: ORDER, items: [{ item_id: 'ps5', quantity: 1 }] } },
  'POST /api/inventory/release': { body: { order_id: ORDER } },
  'POST /api/inventory/forget': { body: { orders_before: '00000000-0001-0000-0000-000000000000' } },
  'POST /api/inventory/commands': { lines: [deduction(), { ...deduction(), deadline_ms: 0 }] },
  'POST /api/inventory/{item_id}/restock': {
    url: '/api/inventory/ps5/restock',
    body: { restock_id: 'contract', quantity: 1 },
  },
  'POST /api/admin/chaos': { body: { latency: true, latency_ms: 0 } },
  'POST /api/admin/chaos/faults': { body: FAULT },
  'POST /api/admin/chaos/halt': { body: { reason: 'contract' } },
  'POST /api/admin/chaos/rearm': { body: { reason: 'contract' } },
};

interface Request {
  url?: string;
  body?: unknown;
  lines?: unknown[];
  headers?: Record<string, string>;
}

/** Sends what is in order, with what a test changes. */
function send(operation: string, change: Request = {}) {
  const { url, body, lines, headers }: Request = { ...VALID[operation], ...change };
  const text = lines ? lines.map((line) => JSON.stringify(line)).join('\n') : JSON.stringify(body);
  const types = lines && { 'Content-Type': 'application/x-ndjson' };
  return contract.send(house.url, { operation, url, init: { headers: { ...types, ...headers }, body: text } });
}

it('every success is answered as it is documented, and so are refusals', async () => {
  const late = { 'X-Request-Deadline-Ms': '0' };
  expect((await send('POST /api/inventory/deduct', { headers: late })).status).toBe(504);
  await send('POST /api/inventory/deduct');
  const withFault = (id: string) => ({ url: `/api/admin/chaos/faults/${id}` });
  const { fault } = JSON.parse((await send('POST /api/admin/chaos/faults')).body);
  for (const operation of ['GET /api/admin/chaos/faults/{id}', 'DELETE /api/admin/chaos/faults/{id}']) {
    expect((await send(operation, withFault(fault.id))).status).toBe(200);
    expect((await send(operation, withFault('unknown'))).status).toBe(404);
  }
  for (const operation of contract.operations.filter((one) => !one.includes('{id}'))) await send(operation);

  const other = { item_id: 'contract', item_name: 'Contract', quantity: 2, price_cents: 100 };
  expect((await send('POST /api/inventory', { body: other })).status).toBe(409);
  expect((await send('POST /api/inventory')).status).toBe(201);
  expect((await send('PATCH /api/inventory/{item_id}', { url: '/api/inventory/unicorn' })).status).toBe(404);
  const restock = { restock_id: 'contract', quantity: 2 };
  expect((await send('POST /api/inventory/{item_id}/restock', { body: restock })).status).toBe(422);
  expect((await send('GET /api/inventory/{item_id}', { url: '/api/inventory/unicorn' })).status).toBe(404);
  await send('POST /api/admin/chaos/halt');
  expect((await send('POST /api/admin/chaos/faults')).status).toBe(409);
  expect((await send('POST /api/admin/chaos')).status).toBe(409);
  await send('POST /api/admin/chaos/rearm');
  expect(contract.unseen()).toEqual([]);
});

it.each(contract.misuses)('$operation: $what', async (misuse) => {
  const { status } = await contract.send(house.url, misuse);
  expect(status).toBeGreaterThanOrEqual(misuse.least);
  expect(status).toBeLessThan(500);
});

it('without a database every operation answers with what it documents', async () => {
  const chaos = operator(house.url);
  await chaos.arm({ service: 'inventory-service', point: 'dependency.postgres', type: 'dependency-refuse' });
  await eventually(async () => expect((await ask(`${house.url}/api/inventory`)).status).toBe(503));
  for (const operation of contract.operations.filter((one) => !one.includes('chaos'))) await send(operation);
});

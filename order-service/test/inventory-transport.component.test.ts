import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { promotedBy } from '../../test/support/old-generation.ts';
import { createInventoryTransport, type InventoryTransport, type Unsent } from '../src/inventory-transport.ts';

const ORDER = '01890000-0000-7000-8000-000000000001';
const items = [{ item_id: 'ps5', quantity: 1 }];
const deduct: Unsent = { op: 'deduct', order_id: ORDER, items, attempt: 1, request_id: 'test' };

const decided_at = new Date().toISOString();
const decision = { order_id: ORDER, outcome: 'applied', reason: null, items, decided_at, released_at: null };
const reply = `${JSON.stringify({ index: 0, decision })}\n`;

let server: Server;
let transport: InventoryTransport;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  answer = (response) => response.end(reply);
  server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  transport = createInventoryTransport({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 2,
  });
});
afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  server.close();
});

test('a command that is answered leaves nothing behind for a full collection', async () => {
  const send = async (times: number) => {
    for (let n = 0; n < times; n++) await transport.send(deduct, 1_000);
  };
  await send(500);
  expect(await promotedBy(() => send(3_000))).toBeLessThan(1);
});

test('what only announces a reply is not the reply', async () => {
  answer = (response) => {
    response.writeProcessing();
    response.end(reply);
  };
  expect(await transport.send(deduct, 1_000)).toMatchObject({ outcome: 'applied' });
});

test('an error is known by its status, and one that never ends is cut off', async () => {
  const cut = Promise.withResolvers<void>();
  answer = (response) => {
    const text = 'x'.repeat(100_000);
    response.writeHead(500).on('close', () => cut.resolve());
    const pour = () => {
      if (!response.destroyed) response.write(text, pour);
    };
    pour();
  };
  await expect(transport.send(deduct, 1_000)).rejects.toMatchObject({ kind: 'status' });
  await cut.promise;
});

test('the connection of an error that ends is used again', async () => {
  const ports = new Set<number | undefined>();
  answer = (response) => {
    ports.add(response.socket?.remotePort);
    response.writeHead(503).end('{"code":"DATABASE_UNAVAILABLE"}\n');
  };
  for (let n = 0; n < 3; n++) await expect(transport.send(deduct, 1_000)).rejects.toMatchObject({ kind: 'status' });
  expect(ports.size).toBe(1);
});

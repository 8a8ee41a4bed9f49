import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandReply } from '@valerix/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PREVIOUS_ORDERS, PREVIOUS_REPLY, previousCommand } from '../../packages/contracts/test/previous-wire.ts';
import { promotedBy } from '../../test/support/old-generation.ts';
import { type AnyCommand, createParticipantTransport, type Transport } from '../src/participant-transport.ts';

const ORDER = '01890000-0000-7000-8000-000000000001';
const items = [{ item_id: 'ps5', quantity: 1 }];
const deduct = { op: 'deduct', order_id: ORDER, items, attempt: 1, request_id: 'test' };

const decided_at = new Date().toISOString();
const decision = { order_id: ORDER, outcome: 'applied', reason: null, items, decided_at, released_at: null };
const reply = `${JSON.stringify({ index: 0, decision })}\n`;

let server: Server;
let transport: Transport;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  answer = (response) => response.end(reply);
  server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  transport = createParticipantTransport({
    path: '/api/inventory/commands',
    reply: commandReply,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credential: 'the-credential-of-the-order-service',
    connections: 2,
  });
});
afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  server.close();
});

it('a command that is answered leaves nothing behind for a full collection', async () => {
  const send = async (times: number) => {
    for (let n = 0; n < times; n++) await transport.send(deduct, 1_000);
  };
  await send(500);
  expect(await promotedBy(() => send(3_000))).toBeLessThan(1);
});

it('a participant may have a path of its own behind a gateway', async () => {
  const asked: (string | undefined)[] = [];
  server.prependListener('request', ({ url }) => asked.push(url));
  const { port } = server.address() as AddressInfo;
  const options = { path: '/api/inventory/commands', reply: commandReply, connections: 1 };
  const behind = createParticipantTransport({ ...options, url: `http://127.0.0.1:${port}/warehouse` });
  expect(await behind.send(deduct, 1_000)).toMatchObject({ outcome: 'applied' });
  await behind.close();
  expect(asked).toEqual(['/warehouse/api/inventory/commands']);
});

it('what only announces a reply is not the reply', async () => {
  answer = (response) => {
    response.writeProcessing();
    response.end(reply);
  };
  expect(await transport.send(deduct, 1_000)).toMatchObject({ outcome: 'applied' });
});

it('an error is known by its status, and one that never ends is cut off', async () => {
  const cut = Promise.withResolvers<void>();
  answer = (response) => {
    const text = 'x'.repeat(100_000);
    response.writeHead(500).on('close', () => cut.resolve());
    const pour = (error?: Error | null) => {
      // A write to a closed socket calls back at once: to go on would keep the event loop from telling the response.
      if (!error && !response.destroyed) response.write(text, pour);
    };
    pour();
  };
  await expect(transport.send(deduct, 1_000)).rejects.toMatchObject({ kind: 'status' });
  await cut.promise;
});

it('the connection of an error that ends is used again', async () => {
  const ports = new Set<number | undefined>();
  answer = (response) => {
    ports.add(response.socket?.remotePort);
    response.writeHead(503).end('{"code":"DATABASE_UNAVAILABLE"}\n');
  };
  for (let n = 0; n < 3; n++) await expect(transport.send(deduct, 1_000)).rejects.toMatchObject({ kind: 'status' });
  expect(ports.size).toBe(1);
});

const three = (): AnyCommand[] => [
  { ...deduct, order_id: PREVIOUS_ORDERS[0], traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  { op: 'release', order_id: PREVIOUS_ORDERS[1], attempt: 1, request_id: 'test' },
  { ...deduct, order_id: PREVIOUS_ORDERS[2] },
];
const sendAll = (commands: AnyCommand[]) =>
  Promise.allSettled(commands.map((command) => transport.send(command, 1_000)));

it('the previous inventory service is understood, and takes the commands', async () => {
  let sent = '';
  server.prependListener('request', (request) => {
    request.setEncoding('utf8').on('data', (text: string) => {
      sent += text;
    });
  });
  answer = (response) => response.end(PREVIOUS_REPLY);
  expect(await sendAll(three())).toMatchObject([
    { value: { outcome: 'applied' } },
    { value: { outcome: 'voided' } },
    { reason: { kind: 'status' } },
  ]);
  const lines = sent.split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) previousCommand.parse(JSON.parse(line));
});

const about = (index: number, change: object = {}) =>
  JSON.stringify({ index, decision: { ...decision, order_id: PREVIOUS_ORDERS[index], ...change } });

it.each([
  ['of an unknown refusal', about(1, { outcome: 'refused', reason: 'WAREHOUSE_ON_HOLIDAY' })],
  ['about another order', about(1, { order_id: PREVIOUS_ORDERS[0] })],
  [
    'with an error about another order',
    JSON.stringify({ index: 1, order_id: PREVIOUS_ORDERS[2], error: { status: 500, code: 'X', detail: '' } }),
  ],
  ['that is no JSON', '<html>'],
  ['to a command that was not sent', about(1).replace('"index":1', '"index":7')],
])('a line %s leaves its own order unknown, and answers its companions', async (_what, line) => {
  answer = (response) => response.end(`${[about(0), line, about(2)].join('\n')}\n`);
  const [first, second, third] = await sendAll(three());
  expect(second).toMatchObject({ status: 'rejected' });
  expect([first, third]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
});

it('a field that is not known is ignored', async () => {
  answer = (response) =>
    response.end(`${JSON.stringify({ index: 0, decision: { ...decision, shelf: 7 }, node: 'b' })}\n`);
  expect(await transport.send(deduct, 1_000)).toMatchObject({ outcome: 'applied' });
});

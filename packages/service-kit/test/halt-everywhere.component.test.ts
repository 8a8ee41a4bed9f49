import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { haltEverywhere } from '../src/halt-everywhere.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A process that answers one halt after another as told, the last answer for ever; `null` is no answer. */
async function processThat(...answers: ([status: number, body: object] | null)[]) {
  const requests: string[] = [];
  const server = createServer((req, res: ServerResponse) => {
    const answer = answers[Math.min(requests.push(`${req.method} ${req.url}`), answers.length) - 1];
    if (answer) res.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { name: 'a-service', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const halt = { halted: true, by: 'ada', reason: 'x', at: '2026-01-01T00:00:00.000Z' };
const heardFrom = (...not_heard: string[]) => [200, { halt, confirmed_by: ['a'], not_heard }] as [number, object];
const tell = (...targets: { name: string; url: string }[]) =>
  haltEverywhere(targets, { token: 't', by: 'ada', reason: 'x', limitMs: 1_500 });

it('a process that answers is not delayed by one that does not, and each line says which is which', async () => {
  const [good, silent] = [await processThat(heardFrom()), await processThat(null)];
  const gone = await processThat(null);
  closing.pop()?.();
  const reports = await tell(good, silent, gone);
  expect(reports.map(({ confirmed, detail }) => [confirmed, detail])).toEqual([
    [true, ''],
    [false, 'no answer within 1500 ms'],
    [false, 'connection refused'],
  ]);
});

it('a process that answers 500 at first is asked again', async () => {
  const process = await processThat([500, { code: 'INTERNAL_ERROR' }], heardFrom());
  expect(await tell(process)).toMatchObject([{ confirmed: true, not_heard: [] }]);
});

it('a process that has not heard from a replica at first is halted once, and asked for its state until it has', async () => {
  const state = (...replicas: object[]) => [200, { replicas }] as [number, object];
  const replica = { service: 'order-service', replica: 'order-2', seen_at: halt.at, halted: false, faults: [] };
  const process = await processThat(heardFrom('order-2'), state(replica), state({ ...replica, halted: true }));
  expect(await tell(process)).toMatchObject([{ confirmed: true, detail: '', not_heard: [] }]);
  expect(process.requests).toEqual(['POST /api/admin/chaos/halt', 'GET /api/admin/chaos', 'GET /api/admin/chaos']);
});

it('a replica that stays silent is named, and the process that says so counts as halted', async () => {
  expect(await tell(await processThat(heardFrom('order-2'), null))).toMatchObject([
    { confirmed: true, detail: 'it has not heard from order-2', not_heard: ['order-2'] },
  ]);
});

it.each([
  [503, { code: 'HALTED_HERE_ONLY' }, true, 'it cannot write Redis, and told no other process'],
  [503, { code: 'HALTED_UNAUDITED' }, true, 'its database does not answer; the audit follows when it does'],
  [404, { code: 'NOT_FOUND' }, true, 'chaos is off in it'],
  [401, { code: 'UNAUTHORIZED' }, false, "it refused the operator's token"],
  [503, { code: 'OVERLOADED' }, false, 'it answered 503 OVERLOADED'],
  [502, {}, false, 'it answered 502'],
])('%i %o means confirmed: %s', async (status, body, confirmed, detail) => {
  expect(await tell(await processThat([status, body]))).toMatchObject([{ confirmed, detail }]);
});

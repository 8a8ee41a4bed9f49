import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { haltEverywhere } from '../src/index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A process that answers one halt after another as told, the last answer for ever; `null` is no answer. */
async function processThat(...answers: ([status: number, body: object] | null)[]) {
  let asked = 0;
  const server = createServer((_req, res: ServerResponse) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer) res.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { name: 'a-service', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
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

it.each([
  ['answers 500 at first', [500, { code: 'INTERNAL_ERROR' }] as [number, object]],
  ['has not heard from a replica at first', heardFrom('order-2')],
])('a process that %s is asked again', async (_, first) => {
  expect(await tell(await processThat(first, heardFrom()))).toMatchObject([{ confirmed: true, not_heard: [] }]);
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

import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { pause } from '../src/backoff.ts';
import { type GateOptions, gate, gates } from '../src/gate.ts';

const server = createServer();
let port: number;
/** Requests that were let in and have no answer yet. */
let inside: Response[];
/** Requests that are over. */
let over: number;

beforeEach(async () => {
  inside = [];
  over = 0;
  server.removeAllListeners('request').listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function serve(options: Partial<GateOptions>): void {
  const app = express();
  app.use((_req, res, next) => {
    res.once('close', () => over++);
    next();
  });
  app.use(gates({ 'GET /read/:id': gate({ atOnce: 2, detail: 'Too many.', ...options }) }));
  app.all('/read/:id', (_req, res) => void inside.push(res));
  app.all('/other', (_req, res) => void res.end());
  server.on('request', app);
}

const send = (path = '/read/1', headers = {}) => get({ port, path, agent: false, headers }).on('error', () => {});
async function ask(path?: string, headers = {}): Promise<IncomingMessage> {
  const [response] = await once(send(path, headers), 'response');
  return response.resume();
}
const letIn = (count: number) => eventually(() => expect(inside).toHaveLength(count));

it('refuses those for whom no place becomes free, with 429, Retry-After and a problem', async () => {
  serve({});
  const answers = Array.from({ length: 5 }, () => ask());
  const refused = await Promise.race(answers);
  expect(refused.statusCode).toBe(429);
  expect(refused.headers).toMatchObject({
    'retry-after': '1',
    'content-type': 'application/problem+json; charset=utf-8',
  });
  await eventually(() => expect(over).toBe(3));
  expect(inside).toHaveLength(2);
  for (const res of inside) res.end();
  const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
});

it('gives a free place to the next in line', async () => {
  serve({ atOnce: 1 });
  const first = ask('/read/first');
  await letIn(1);
  const second = ask('/read/second');
  inside[0]?.end();
  await first;
  await letIn(2);
  expect(inside[1]?.req.path).toBe('/read/second');
  inside[1]?.end();
  expect((await second).statusCode).toBe(200);
});

it('gives no place to a client that left the line', async () => {
  serve({ atOnce: 1 });
  const first = ask();
  await letIn(1);
  const gone = send('/read/gone');
  await once(gone, 'socket');
  gone.destroy();
  inside[0]?.end();
  await first;
  const third = ask('/read/third');
  await letIn(2);
  expect(inside[1]?.req.path).toBe('/read/third');
  inside[1]?.end();
  await third;
});

it('keeps no place for a client that does not read its answer', async () => {
  serve({ atOnce: 1 });
  send().on('response', (response) => response.pause());
  await letIn(1);
  inside[0]?.end(Buffer.alloc(30_000_000));
  const second = ask();
  await letIn(2);
  expect(over).toBe(0);
  inside[1]?.end();
  expect((await second).statusCode).toBe(200);
});

it('lets nobody in while it is closed, and those who are exempt always', async () => {
  let closed = true;
  serve({ closed: () => closed, exempt: (req) => req.headers.authorization === 'mine' });
  expect((await ask()).statusCode).toBe(429);
  const mine = ask('/read/1', { authorization: 'mine' });
  await letIn(1);
  inside[0]?.end();
  expect((await mine).statusCode).toBe(200);
  closed = false;
  const open = ask();
  await letIn(2);
  inside[1]?.end();
  expect((await open).statusCode).toBe(200);
});

/** One request has the only place, another waits for it. `restMs` is for how long the place rests after the answer to the first. */
async function waitsForAPlace(busy: boolean) {
  serve({ atOnce: 1, busy: () => busy });
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  const first = ask();
  await letIn(1);
  const second = ask();
  await eventually(() => expect(timers).toHaveBeenCalledWith(expect.any(Function), 300));
  timers.mockClear();
  const restMs = async () => {
    await first;
    return timers.mock.calls.find(([then]) => then.name === 'free')?.[1];
  };
  return { second, restMs };
}

it('lets a place rest four times as long as it was taken, while others wait beside work that comes first', async () => {
  const { second, restMs } = await waitsForAPlace(true);
  await pause(20);
  inside[0]?.end();
  expect(await restMs()).toBeGreaterThanOrEqual(4 * 20);
  await second;
});

it('lets a place rest for a second at most, however long the database kept it', async () => {
  const { second, restMs } = await waitsForAPlace(true);
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
  inside[0]?.end();
  clock.mockRestore();
  expect(await restMs()).toBe(1_000);
  await second;
});

it('lets the next one in at once while no work comes first', async () => {
  const { second, restMs } = await waitsForAPlace(false);
  inside[0]?.end();
  expect(await restMs()).toBeUndefined();
  await letIn(2);
  inside[1]?.end();
  expect((await second).statusCode).toBe(200);
});

it('stands before the spellings that the router takes, and before nothing else', async () => {
  serve({ closed: () => true });
  expect((await ask('/READ/1/')).statusCode).toBe(429);
  expect((await ask('/other')).statusCode).toBe(200);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { workloadSchema } from '../src/experiment/valerix-extension.ts';
import { GUESTS } from '../src/workload/customers.ts';
import { type HistoryLine, openHistory } from '../src/workload/history.ts';
import { createReader, type Reader } from '../src/workload/reader.ts';
import { schedule, scheduleReads } from '../src/workload/schedule.ts';

const order = (op: number, status = 'confirmed') => ({ order_id: `id-${op}`, idempotency_key: `run-${op}`, status });
const item = (item_id: string) => ({ item_id, quantity: 7, taken_quantity: 3 });

/** What both replicas answer; the second one's name is in every path it was asked for. */
let answer: (path: string) => { status?: number; body?: unknown };
let asked: string[];
const servers = ['a', 'b'].map((name) =>
  createServer((req, res) => {
    asked.push(`${name} ${req.url}`);
    const { status = 200, body } = answer(req.url as string);
    res.writeHead(status, { 'retry-after': '2' }).end(typeof body === 'string' ? body : JSON.stringify(body));
  }),
);
const folder = mkdtempSync(join(tmpdir(), 'valerix-reader-'));
const lines: HistoryLine[] = [];
const history = openHistory(join(folder, 'history.jsonl'), (line) => lines.push(line));
let reader: Reader;

beforeAll(async () => {
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const services = { order: { urls }, inventory: { urls } };
  const now = () => performance.now();
  reader = createReader({
    services,
    operatorToken: 'token',
    customers: GUESTS,
    history,
    timeoutMs: 5_000,
    seed: 1,
    prefix: 'run',
    items: ['ps5'],
    now,
  });
});
afterAll(async () => {
  await reader.close();
  await history.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  lines.length = 0;
});

it('every kind of read is asked of both replicas, and written with its times and what it showed', async () => {
  answer = (path) => {
    if (path === '/api/queue') return { body: { queue: { depth: 4 } } };
    if (path === '/api/inventory') return { body: { items: [item('ps5'), item('xbox')] } };
    if (path.startsWith('/api/inventory/')) return { body: { item: item('ps5') } };
    if (path.startsWith('/api/orders/')) return { body: { order: order(5) } };
    const next_cursor = path.includes('cursor') || path.includes('key') ? null : 'more';
    return {
      body: {
        items: [order(path.includes('cursor') ? 3 : 5), { ...order(9), idempotency_key: 'of another' }],
        next_cursor,
      },
    };
  };
  reader.watch({ op: 5, key: 'run-5', orderId: 'id-5' });
  for (let index = 0; index < 200; index++) await reader.run({ index });
  const shown = (what: string) => lines.filter((line) => line.what === what);
  expect(lines.every(({ sent = 0, t, type }) => type === 'ok' && sent > 0 && sent <= t)).toBe(true);
  expect(shown('order')[0]).toMatchObject({ op: 5, f: 'read', status: 200, state: 'confirmed' });
  expect(shown('stock').map(({ stock }) => Object.keys(stock ?? {}).length)).toEqual(expect.arrayContaining([1, 2]));
  expect(shown('stock')[0]?.stock?.ps5).toEqual([7, 3]);
  expect(shown('queue')[0]).toMatchObject({ op: -1, depth: 4 });
  const pages = shown('page').map(({ page, orders }) => ({ page: { ...page, status: undefined }, orders }));
  expect(pages).toContainEqual({ page: { last: 'id-9' }, orders: [[5, 'confirmed']] });
  expect(pages).toContainEqual({ page: { before: 'id-9' }, orders: [[3, 'confirmed']] });
  expect(pages).toContainEqual({ page: { of: 5 }, orders: [[5, 'confirmed']] });
  for (const what of ['/api/orders/id-5', '/api/orders?', '/api/inventory', '/api/queue']) {
    for (const replica of ['a', 'b'])
      expect(
        asked.some((one) => one.startsWith(`${replica} ${what}`)),
        what,
      ).toBe(true);
  }
});

it('that there is no such order is an answer; a refusal and what cannot be read are none', async () => {
  const follow = async (reply: ReturnType<typeof answer>) => {
    answer = () => reply;
    const told = await reader.follow({ op: 1, orderId: 'id-1' }, 0);
    return { ...told, type: lines.at(-1)?.type };
  };
  expect(await follow({ body: { order: order(1, 'queued') } })).toMatchObject({
    status: 200,
    state: 'queued',
    type: 'ok',
  });
  expect(await follow({ status: 404, body: {} })).toMatchObject({ status: 404, type: 'ok' });
  expect(await follow({ status: 429, body: {} })).toMatchObject({ status: 429, retryAfterMs: 2_000, type: 'fail' });
  expect(await follow({ body: '<html>' })).toMatchObject({ type: 'unknown' });
  expect(await follow({ body: { unexpected: true } })).toMatchObject({ type: 'unknown' });
});

it('reads come at times of their own: with and without them the orders are the same', () => {
  const plan = (reads: number) => {
    const workload = workloadSchema.parse({ rate: 100, reads });
    const at = scheduleReads({ workload, seed: 3 });
    const times = at.take(1_500).map(({ atMs }) => atMs);
    return { orders: [...schedule({ workload, seed: 3, durationMs: 10_000, prefix: 'run' })], reads: [...times] };
  };
  expect(plan(0.15).orders).toEqual(plan(0).orders);
  expect(plan(0).reads).toEqual([]);
  // 15 % of all requests: 100 orders/s and 17.6 reads/s.
  expect((1_500 / (plan(0.15).reads.at(-1) as number)) * 1_000).toBeCloseTo(17.6, -0.5);
  expect(plan(0.15).reads).toEqual(plan(0.15).reads);
});

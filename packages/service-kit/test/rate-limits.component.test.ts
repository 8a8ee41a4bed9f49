import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { freshRedis } from '@valerix/local-stack/testing';
import express, { type Request, type Response } from 'express';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { FaultyNetwork } from '../../../gameday/src/targets/faulty-network.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { addresses } from '../src/addresses.ts';
import { GUEST, MACHINE, type Principal } from '../src/identity/principal.ts';
import { createLogger } from '../src/logger.ts';
import { createRegistry } from '../src/metrics.ts';
import { createRateLimits } from '../src/rate-limits.ts';
import { createRedis } from '../src/redis.ts';

const PRINCIPALS: Record<string, Principal> = {
  machine: MACHINE,
  service: { kind: 'service', id: 'order', name: 'order-service' },
  ann: { kind: 'customer', id: '1', name: 'Ann' },
  bob: { kind: 'operator', id: '2', name: 'Bob' },
};
const ends: (() => unknown)[] = [];
let network: FaultyNetwork;
let redisUrl: string;

beforeEach(async () => {
  const url = new URL(await freshRedis(inject('redisUrl')));
  network = new FaultyNetwork(1);
  await network.listen();
  network.leadTo([url.href]);
  url.port = String(network.port);
  redisUrl = url.href;
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await network.close();
});

/** A replica that answers everything with 200, behind limits that Redis adds up. */
async function replica({ requests = 100, trusted = 'loopback', exempt = '203.0.113.0/24' } = {}) {
  const windowSeconds = 60;
  const quota = { requests, windowSeconds };
  const limits = createRateLimits({
    quotas: { reads: quota, writes: quota, control: quota, 'sign-in': quota, webhooks: quota, tokens: quota },
    exempt: addresses.parse(exempt),
    registry: createRegistry(),
  });
  const redis = createRedis(redisUrl, createLogger({ service: 'test', replica: 'test', level: 'silent' }));
  await once(redis, 'ready');
  const app = express().set('trust proxy', addresses.parse(trusted));
  app.use((req, _res, next) => {
    req.principal = PRINCIPALS[req.headers.authorization ?? ''] ?? GUEST;
    next();
  });
  app.use(limits.handler({ '/api/sign-in': 'sign-in', '/api/webhooks': 'webhooks' }));
  app.use((_req, res) => void res.end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stopSharing = limits.share(redis, 'test');
  ends.push(async () => {
    await stopSharing();
    redis.disconnect();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async (
    forwardedFor: string,
    { method = 'POST', path = '/api/orders', ...headers }: Record<string, string> = {},
  ) => {
    const given = { 'X-Forwarded-For': forwardedFor, ...headers };
    const { status, headers: answered } = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: given });
    const left = Number(/;r=(\d+);/.exec(answered.get('RateLimit') ?? '')?.[1]);
    return { status, left, header: (name: string) => answered.get(name) };
  };
}
type Ask = Awaited<ReturnType<typeof replica>>;

/** Sends requests one after another. @returns how many were let in */
async function letIn(ask: Ask, caller: string, times: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < times; i++) if ((await ask(caller)).status === 200) count++;
  return count;
}

it('tells each caller what is left, and refuses with 429 when nothing is', async () => {
  const ask = await replica({ requests: 3 });
  const first = await ask('192.0.2.1');
  expect([first.header('RateLimit-Policy'), first.header('RateLimit')]).toEqual([
    '"writes";q=3;w=60',
    '"writes";r=2;t=60',
  ]);
  expect(await letIn(ask, '192.0.2.1', 5)).toBe(2);
  const refused = await ask('192.0.2.1');
  expect([refused.status, refused.left]).toEqual([429, 0]);
  expect(Number(refused.header('Retry-After'))).toBeGreaterThan(50);
});

it('counts each caller and each class apart', async () => {
  const ask = await replica({ requests: 1 });
  await ask('192.0.2.1');
  const others = [
    ask('192.0.2.2'),
    ask('2001:db8:0:1::1'),
    ask('2001:db8:0:2::1'),
    ask('192.0.2.1', { method: 'GET' }),
    ask('192.0.2.1', { path: '/api/admin/chaos' }),
    ask('192.0.2.1', { path: '/api/sign-in' }),
    ask('192.0.2.1', { path: '/api/webhooks' }),
  ];
  expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 200));
  // The addresses of one /64 are one caller: each home and server has one at least.
  expect((await ask('2001:db8:0:1:ffff::2')).status).toBe(429);
});

it('takes the address from trusted proxies only, and of their lists what they added', async () => {
  const trusting = await replica({ requests: 1 });
  await trusting('192.0.2.1');
  expect((await trusting('198.51.100.9, 192.0.2.1')).status).toBe(429);
  expect((await trusting('192.0.2.1, 198.51.100.9')).status).toBe(200);
  const alone = await replica({ requests: 1, trusted: 'none' });
  await alone('192.0.2.1');
  expect((await alone('192.0.2.2')).status).toBe(429);
});

it('counts people by who they are, wherever they are', async () => {
  const ask = await replica({ requests: 1 });
  for (const Authorization of ['ann', 'bob', 'nobody']) {
    expect((await ask('192.0.2.1', { Authorization })).status).toBe(200);
    expect((await ask('192.0.2.1', { Authorization })).status).toBe(429);
  }
  expect((await ask('192.0.2.2', { Authorization: 'ann' })).status).toBe(429);
});

it('counts sign-ins by address, whoever sends them: an account brings no quota for further ones', async () => {
  const ask = await replica({ requests: 1 });
  const signIn = (Authorization: string) => ask('192.0.2.1', { path: '/api/sign-in', Authorization });
  const statuses: number[] = [];
  for (const name of ['nobody', 'ann', 'bob']) statuses.push((await signIn(name)).status);
  expect(statuses).toEqual([200, 429, 429]);
});

it.each([
  ['/api/orders', '/API/Orders', '/api/orders/'],
  ['/api/sign-in', '/Api/Sign-In', '/api/sign-in/'],
  ['/api/webhooks', '/api/WebHooks', '/api/webhooks/'],
  ['/api/admin/chaos', '/api/ADMIN/chaos', '/api/admin/chaos/'],
])('%s has one quota, however the router lets it be spelt', async (...spellings) => {
  const ask = await replica({ requests: 1 });
  const statuses: number[] = [];
  for (const path of spellings) statuses.push((await ask('192.0.2.1', { path })).status);
  expect(statuses).toEqual([200, 429, 429]);
});

it('lets machines, services and exempt addresses in, and tells them nothing', async () => {
  const ask = await replica({ requests: 1 });
  const as = (Authorization: string) => () => ask('192.0.2.1', { Authorization });
  for (const send of [() => ask('203.0.113.5'), as('machine'), as('service')]) {
    await send();
    const again = await send();
    expect([again.status, again.header('RateLimit')]).toEqual([200, null]);
  }
});

it('exempts this machine, and nobody who says through a trusted network to be it', async () => {
  const ask = await replica({ requests: 1, trusted: 'loopback,private', exempt: 'loopback' });
  for (const way of ['127.0.0.1', '127.0.0.1, ::1', '::ffff:127.0.0.1']) {
    expect([(await ask(way)).status, (await ask(way)).status]).toEqual([200, 200]);
  }
  for (const [self, way] of [
    ['127.0.0.1', '10.0.0.7'],
    ['::1', '10.0.0.7, 127.0.0.1'],
    ['::ffff:127.0.0.2', '192.168.1.1, 10.0.0.7'],
  ]) {
    expect([(await ask(`${self}, ${way}`)).status, (await ask(`${self}, ${way}`)).status]).toEqual([200, 429]);
  }
});

it('lets in one quota on all replicas together, once they have told each other', async () => {
  const [here, there] = [await replica(), await replica()];
  expect(await letIn(here, '192.0.2.1', 60)).toBe(60);
  let known = await letIn(there, '192.0.2.1', 20);
  await eventually(async () => {
    known++;
    expect((await there('192.0.2.1')).left).toBe(100 - 60 - known);
  });
  expect(await letIn(there, '192.0.2.1', 100)).toBe(100 - 60 - known);
  await eventually(async () => expect((await here('192.0.2.1')).status).toBe(429));
});

it.each([{ kind: 'cut' }, { kind: 'swallow', percent: 100 }] as const)(
  'limits by itself, at once, while Redis does nothing ($kind), and tells it afterwards',
  async (mode) => {
    const [here, there] = [await replica(), await replica()];
    network.mode = mode;
    expect(await letIn(here, '192.0.2.1', 120)).toBe(100);
    network.mode = { kind: 'healthy' };
    await eventually(async () => expect((await there('192.0.2.1')).status).toBe(429));
  },
);

it('remembers a bounded number of callers, those whose windows began last', () => {
  const quota = { requests: 1, windowSeconds: 60 };
  const limits = createRateLimits({
    quotas: { reads: quota, writes: quota, control: quota, 'sign-in': quota, webhooks: quota, tokens: quota },
    exempt: addresses.parse('none'),
    registry: createRegistry(),
  });
  const handle = limits.handler();
  const isLetIn = (ip: string): boolean => {
    let passed = false;
    const res = { setHeader() {}, writeHead: () => res, end() {}, req: { originalUrl: '/' } };
    const next = () => {
      passed = true;
    };
    handle(
      { ip, method: 'POST', path: '/api/orders', headers: {}, socket: {}, principal: GUEST } as unknown as Request,
      res as unknown as Response,
      next,
    );
    return passed;
  };
  const addressOf = (i: number) => `10.0.${i >> 8}.${i & 255}`;
  for (let i = 0; i <= 20_000; i++) isLetIn(addressOf(i));
  expect([isLetIn(addressOf(20_000)), isLetIn(addressOf(1)), isLetIn(addressOf(0))]).toEqual([false, false, true]);
});

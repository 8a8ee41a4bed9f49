import { afterEach, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import { startLoad, stopLoad } from '../src/server/load-requests.ts';
import { cookieName, sealSession } from '../src/server/session.ts';
import { type Served, serve, until } from './serve.ts';

let order: Served;
let dashboard: Dashboard;
let placed = 0;
afterEach(async () => {
  dashboard.stop();
  await order.close();
});

/** A dashboard before an order service that answers each order after a while. */
async function open(access: 'open' | 'closed'): Promise<void> {
  placed = 0;
  order = await serve((req, res) => {
    if (req.method !== 'POST') return void res.writeHead(404).end('{}');
    placed += 1;
    setTimeout(() => res.writeHead(201).end('{"order":{"order_id":"a"}}'), 300);
  });
  // Where no identity-service is, no session is renewed.
  const urls = { ORDER_URL: order.url, IDENTITY_URL: order.url };
  dashboard = new Dashboard(readConfig({ ...urls, OPERATOR_TOKEN: 't', ACCESS: access }), () => undefined);
}

const ask = (method: string, body?: object, site = 'same-origin') =>
  new Request('http://localhost:3000/api/load', {
    method,
    headers: { 'sec-fetch-site': site, host: 'localhost:3000' },
    ...(body && { body: JSON.stringify(body) }),
  });
/** A request of an operator whose access token ends so soon. */
function asOperator(leftMs: number): Request {
  const now = Date.now();
  const times = { issued_at_ms: now, expires_at_ms: now + leftMs };
  const session = {
    kind: 'account',
    name: 'ada',
    operator: true,
    access: `a${leftMs}`,
    refresh: 'r',
    ...times,
  } as const;
  const { publicPort, sessionSecret } = dashboard.config;
  const cookie = `${cookieName(publicPort)}=${sealSession(sessionSecret, session)}`;
  return new Request('http://localhost:3000/api/load', { method: 'DELETE', headers: { cookie } });
}
const PLAN = { orders: 2_000, per_second: 100, items: ['ps5'] };

it('one run at a time is started, and anybody stops it; a page of another site does neither', async () => {
  await open('open');
  expect((await startLoad(ask('POST', PLAN, 'cross-site'), dashboard)).status).toBe(403);
  expect((await startLoad(ask('POST', { ...PLAN, per_second: 500 }), dashboard)).status).toBe(400);
  expect((await startLoad(ask('POST', PLAN), dashboard)).status).toBe(202);
  expect((await startLoad(ask('POST', PLAN), dashboard)).status).toBe(409);
  await until('orders arrive', () => placed > 10);
  expect((await stopLoad(ask('DELETE', undefined, 'cross-site'), dashboard)).status).toBe(403);
  expect((await stopLoad(ask('DELETE'), dashboard)).status).toBe(200);
  await until('the run has ended', () => dashboard.load.view?.running === false);
  expect(dashboard.load.view).toMatchObject({ answered: placed, outcomes: { confirmed: placed } });
  expect((await startLoad(ask('POST', { ...PLAN, orders: 1 }), dashboard)).status).toBe(202);
});

it('where each sees only their own orders, load is for operators', async () => {
  await open('closed');
  expect((await startLoad(ask('POST', PLAN), dashboard)).status).toBe(401);
  expect((await stopLoad(ask('DELETE'), dashboard)).status).toBe(401);
  expect(dashboard.load.view).toBeNull();
});

it('an operator sees the orders of all until the access token ends, and a stream of them ends then', async () => {
  await open('closed');
  expect(await dashboard.sightOf(asOperator(60_000))).toMatchObject({ seesOrders: true });
  expect((await stopLoad(asOperator(60_001), dashboard)).status).toBe(200);
  await dashboard.watch(asOperator(300));
  expect(dashboard.hub.watchers).toBe(1);
  await until('the stream has ended', () => dashboard.hub.watchers === 0);
  expect(await dashboard.sightOf(asOperator(-1))).toMatchObject({ seesOrders: false });
  expect((await stopLoad(asOperator(-2), dashboard)).status).toBe(401);
});

import type { IncomingMessage } from 'node:http';
import { MANDATORY_KEYS, recordOf, urlVariable } from '@valerix/system';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as requests from '../src/server/class-requests.ts';
import { ClassRoom } from '../src/server/class-room.ts';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import { startLoad, stopLoad } from '../src/server/load-requests.ts';
import { cookieName, sealSession } from '../src/server/session.ts';
import { sessionState, signUp } from '../src/server/session-requests.ts';
import { type Served, serve } from './serve.ts';

let service: Served;
let dashboard: Dashboard;
let asked: IncomingMessage[];
beforeEach(async () => {
  asked = [];
  service = await serve((req, res) => {
    asked.push(req);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[],"next_cursor":null}');
  });
  const urls = recordOf(MANDATORY_KEYS.map(urlVariable), () => service.url);
  dashboard = new Dashboard(readConfig({ ...urls, OPERATOR_TOKEN: 't' }), () => undefined);
});
afterEach(async () => {
  dashboard.stop();
  await service.close();
});

function ask(method: string, path: string, cookie = '', body?: object, site = 'same-origin'): Request {
  const headers = { cookie, host: 'localhost:3000', 'sec-fetch-site': site };
  return new Request(`http://localhost:3000${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}
const operator = () => {
  const session = { kind: 'token', expires_at_ms: Date.now() + 60_000 } as const;
  return `${cookieName(dashboard.config.publicPort)}=${sealSession(dashboard.config.sessionSecret, session)}`;
};
const open = async () => {
  const answer = await requests.openClass(ask('POST', '/api/class', operator(), { minutes: 60 }), dashboard);
  return (await answer.json()) as { code: string };
};
const join = (code: string, cookie = '', site?: string) =>
  requests.joinClass(ask('POST', '/api/class/join', cookie, { code }, site), dashboard);
const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? '';
const stateOf = async (cookie: string) => (await sessionState(ask('GET', '/api/session', cookie), dashboard)).json();

it('a class is opened, presented to and ended by operators only, and only they see its code', async () => {
  for (const change of [requests.openClass, requests.presentToClass, requests.endClass]) {
    expect((await change(ask('POST', '/api/class', '', { minutes: 60 }), dashboard)).status).toBe(401);
    expect((await change(ask('POST', '/api/class', operator(), {}, 'cross-site'), dashboard)).status).toBe(403);
  }
  const tooLong = await requests.openClass(ask('POST', '/api/class', operator(), { minutes: 10_000 }), dashboard);
  expect(tooLong.status).toBe(400);
  const { code } = await open();
  expect(code).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
  const shown = { chart: 'queue', title: 'Look', note: 'The queue grows.' };
  await requests.presentToClass(ask('PATCH', '/api/class', operator(), { shown }), dashboard);
  const seen = await (await requests.readClass(ask('GET', '/api/class'), dashboard)).json();
  expect(seen).toEqual({ class: { ends_at_ms: expect.any(Number), shown } });
});

it('a viewer reads as a guest, and the server refuses every change', async () => {
  const { code } = await open();
  expect((await join('WRONGONE')).status).toBe(404);
  expect((await join(code, '', 'cross-site')).status).toBe(403);
  const viewer = cookieOf(await join(` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`));
  expect(await stateOf(viewer)).toMatchObject({ viewer: true, operator: false, name: null, state: 'ok' });

  expect((await dashboard.forward(ask('GET', '/api/orders', viewer))).status).toBe(200);
  expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/api/orders', undefined]]);
  const changes = [
    dashboard.forward(ask('POST', '/api/orders', viewer, { item_id: 'ps5', quantity: 1 })),
    dashboard.forward(ask('POST', '/api/orders/0190a6c1-0000-7000-8000-000000000001/cancel', viewer, {})),
    dashboard.forward(ask('POST', '/api/admin/chaos/halt', viewer, { reason: 'x' })),
    startLoad(ask('POST', '/api/load', viewer, {}), dashboard),
    stopLoad(ask('DELETE', '/api/load', viewer), dashboard),
    signUp(ask('POST', '/api/session/sign-up', viewer, {}), dashboard),
  ];
  const codes = await Promise.all(changes.map(async (one) => (await (await one).json()).code));
  expect(codes).toEqual(changes.map(() => 'ONLY_LOOKS'));
  expect((await dashboard.forward(ask('GET', '/api/admin/chaos/audit', viewer))).status).toBe(401);
  expect((await requests.openClass(ask('POST', '/api/class', viewer, { minutes: 60 }), dashboard)).status).toBe(401);
  expect(asked).toHaveLength(1);
});

it('viewers are out once the class is ended or replaced, change nothing before they leave, and a link signs nobody out', async () => {
  const first = await open();
  const early = cookieOf(await join(first.code));
  const second = await open();
  expect(await stateOf(early)).toMatchObject({ viewer: false, state: 'over' });
  const late = cookieOf(await join(second.code));
  expect((await join(second.code, operator())).headers.get('set-cookie')).toBeNull();
  await requests.endClass(ask('DELETE', '/api/class', operator()), dashboard);
  expect(await stateOf(late)).toMatchObject({ viewer: false, state: 'over' });
  const changes = [
    dashboard.forward(ask('POST', '/api/orders', late, { item_id: 'ps5', quantity: 1 })),
    startLoad(ask('POST', '/api/load', late, {}), dashboard),
    signUp(ask('POST', '/api/session/sign-up', late, {}), dashboard),
  ];
  expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([403, 403, 403]);
  expect((await dashboard.forward(ask('GET', '/api/orders', late))).status).toBe(200);
  expect((await join(second.code)).status).toBe(404);
});

it('a class ends by itself', () => {
  let now = 0;
  const room = new ClassRoom(() => now);
  room.open(5);
  const code = room.code ?? '';
  expect(room.admits(code)).toBe(true);
  now = 5 * 60_000;
  expect([room.admits(code), room.view, room.present(null)]).toEqual([false, null, false]);
});

import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { SERVICE_KEYS } from '@valerix/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REQUEST_HEADERS } from '../arriving-request.ts';
import { forward } from '../src/server/forward.ts';
import type { AccountSession, Session } from '../src/server/session.ts';
import type { Current } from '../src/server/sessions.ts';
import { type Served, serve, serveHandler, until } from './serve.ts';

const ID = '0190a6c1-0000-7000-8000-000000000001';
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let service: Served;
let dashboard: Served;
let seen: Seen[];
let aborted: number;
let session: Session | null;
let state: Current['state'];
/** The cookie of a renewed session, and whether that session still counts when the service has answered. */
let renewed: string | null;
let counts: boolean;
/** What takes the place of a refused session. */
let replacement: AccountSession | null;
let laboratory: boolean;
/** The addresses to try; undefined: the service's own. */
let bases: string[] | undefined;
/** The replicas of each service; undefined: the service's own address. */
let all: string[] | undefined;
let answer: (res: ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  aborted = 0;
  [session, state, replacement, renewed, counts] = [null, 'ok', null, null, true];
  laboratory = true;
  [bases, all] = [undefined, undefined];
  answer = (res) => res.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[],"next_cursor":null}');
  service = await serve(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    seen.push({ method: req.method, url: req.url, headers: req.headers, body });
    res.once('close', () => {
      if (!res.writableFinished) aborted += 1;
    });
    answer(res);
  });
  dashboard = await serveHandler((request) =>
    forward(request, {
      replicas: {
        ...{ all: () => all ?? [service.url], one: () => service.url, forRequest: () => bases ?? [service.url] },
        installed: () => [...SERVICE_KEYS],
      },
      laboratoryUrl: laboratory ? service.url : null,
      operatorToken: 'secret-token',
      sessions: {
        counts: () => counts,
        current: async () => ({ session, state, setCookie: renewed }),
        replaced: async () =>
          replacement && { session: replacement, state: 'ok' as const, setCookie: 'valerix_session_3000=new' },
      },
    }),
  );
});
afterEach(async () => {
  await dashboard.close();
  await service.close();
});

const call = (path: string, init: RequestInit = {}) => fetch(`${dashboard.url}${path}`, init);
const BY_LINK: Session = { kind: 'token', expires_at_ms: Number.MAX_SAFE_INTEGER };
const account = (access: string, operator = false): AccountSession => ({
  ...{ kind: 'account', name: 'ada@example.org', operator, access },
  ...{ issued_at_ms: 0, expires_at_ms: Number.MAX_SAFE_INTEGER, refresh: 'secret-refresh' },
});
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe('the proxy', () => {
  it('passes an order on with its key, and its answer back byte for byte', async () => {
    answer = (res) =>
      res
        .writeHead(201, {
          'content-type': 'application/json',
          location: '/api/orders/1',
          'idempotent-replayed': 'true',
          'set-cookie': 'evil=1',
          server: 'internal',
        })
        .end('{ "order" : 1 }');
    const response = await call('/api/orders', {
      method: 'POST',
      body: '{"item_id":"ps5","quantity":1}',
      headers: {
        'idempotency-key': 'k1',
        'content-type': 'application/json',
        cookie: 'valerix_session=x',
        authorization: 'Bearer mine',
        'x-forwarded-for': '1.2.3.4',
      },
    });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe('{ "order" : 1 }');
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(response.headers.get('location')).toBe('/api/orders/1');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('server')).toBeNull();
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/orders', body: '{"item_id":"ps5","quantity":1}' });
    expect(seen[0]?.headers['idempotency-key']).toBe('k1');
    for (const header of ['cookie', 'authorization', 'x-repeated-headers']) {
      expect(seen[0]?.headers[header]).toBeUndefined();
    }
  });

  it('passes on what a service sends only in the documented form: filled where an older service is silent', async () => {
    const item = { item_id: 'ps5', item_name: 'P', quantity: 1, reserved_quantity: 0, price_cents: 1, newer: 1 };
    const send = (body: unknown) => {
      answer = (res) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return call('/api/inventory/ps5');
    };
    const known = { ...item, updated_at: '2026-01-01T00:00:00Z' };
    const { newer: _, ...shown } = known;
    expect(await (await send({ item: known })).json()).toEqual({ item: { ...shown, currency: 'EUR' } });
    for (const wrong of [{ item }, {}, 'text']) {
      const refused = await send(wrong);
      expect([refused.status, await codeOf(refused)]).toEqual([502, 'UNREADABLE']);
    }
  });

  it('adds the address of its caller to X-Forwarded-For', async () => {
    await call('/api/orders');
    await call('/api/orders', { headers: { 'x-forwarded-for': '1.2.3.4' } });
    expect(seen.map(({ headers }) => headers['x-forwarded-for'])).toEqual(['127.0.0.1', '1.2.3.4, 127.0.0.1']);
  });

  it.each(REQUEST_HEADERS)('refuses two headers %s, instead of joining them to one that nobody sent', async (name) => {
    const url = new URL('/api/orders', dashboard.url);
    const headers = [name, 'a', name, 'b', 'x-repeated-headers', '', 'host', url.host];
    const [response] = await once(request(url, { method: 'POST', headers }).end('{}'), 'response');
    expect([response.statusCode, seen.length]).toEqual([400, 0]);
    expect(JSON.parse(await text(response))).toMatchObject({
      code: 'BAD_REQUEST',
      detail: `Send each of these headers once: ${name}.`,
    });
  });

  it('passes queries on, and refuses unlisted requests without a call to a service', async () => {
    await call('/api/orders?status=queued&limit=5');
    expect(seen[0]?.url).toBe('/api/orders?status=queued&limit=5');
    for (const path of ['/api/inventory/deduct', '/api/metrics', '/api/orders/../../metrics']) {
      const response = await call(path, { method: 'POST', body: '{}' });
      expect(response.status).toBe(404);
      expect(await codeOf(response)).toBe('NOT_PROXIED');
    }
    expect(seen).toHaveLength(1);
  });

  it('passes errors of the service on as they are', async () => {
    answer = (res) =>
      res
        .writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '2' })
        .end('{"code":"OVERLOADED"}');
    const response = await call('/api/orders', { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await codeOf(response)).toBe('OVERLOADED');
  });

  it('acts with the token of the session, and never shows it', async () => {
    const rearm = () => call('/api/admin/chaos/rearm', { method: 'POST', body: '{"reason":"x"}' });
    const refused = await rearm();
    expect([refused.status, await codeOf(refused), seen.length]).toEqual([401, 'SIGN_IN_REQUIRED', 0]);
    session = account('a-customers-token');
    expect((await rearm()).status).toBe(401);
    await call('/api/orders');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer a-customers-token']);
    for (const [who, token] of [
      [BY_LINK, 'secret-token'],
      [account('an-operators-token', true), 'an-operators-token'],
    ] as const) {
      session = who;
      const passed = await rearm();
      expect([passed.status, seen.at(-1)?.headers.authorization]).toEqual([200, `Bearer ${token}`]);
      expect(JSON.stringify([...passed.headers]) + (await passed.text())).not.toMatch(/token|refresh/);
    }
  });

  it("hands a guest's order token on, in both directions", async () => {
    answer = (res) => res.writeHead(201, { 'order-token': 'shows-whose-it-is' }).end('{}');
    const placed = await call('/api/orders', { method: 'POST', body: '{}' });
    expect(placed.headers.get('order-token')).toBe('shows-whose-it-is');
    await call(`/api/orders/${ID}`, { headers: { 'order-token': 'shows-whose-it-is' } });
    expect(seen.map(({ headers }) => [headers.authorization, headers['order-token']])).toEqual([
      [undefined, undefined],
      [undefined, 'shows-whose-it-is'],
    ]);
  });

  it('repeats a request whose token is refused once, with a renewed one, and hands a second refusal on', async () => {
    session = account('old');
    const statuses = [401, 201, 401, 401];
    answer = (res) => res.writeHead(statuses.shift() ?? 500).end('{}');
    replacement = account('new');
    const placed = await call('/api/orders', { method: 'POST', body: '{"item_id":"ps5"}' });
    expect([placed.status, placed.headers.get('set-cookie')]).toEqual([201, 'valerix_session_3000=new']);
    expect(seen.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ['Bearer old', '{"item_id":"ps5"}'],
      ['Bearer new', '{"item_id":"ps5"}'],
    ]);
    expect((await call('/api/orders')).status).toBe(401);
  });

  it('hands out the cookie of a renewed session, unless the session has ended meanwhile', async () => {
    [session, renewed] = [account('old'), 'valerix_session_3000=new'];
    expect((await call('/api/orders')).headers.get('set-cookie')).toBe(renewed);
    answer = (res) => {
      counts = false;
      res.end('{"items":[],"next_cursor":null}');
    };
    expect((await call('/api/orders')).headers.get('set-cookie')).toBeNull();
  });

  it('without a renewal, reads as a guest, changes nothing, and still halts chaos in the name of the session', async () => {
    session = account('expired', true);
    state = 'stale';
    await call('/api/orders');
    expect(seen[0]?.headers.authorization).toBeUndefined();
    for (const path of ['/api/orders', `/api/orders/${ID}/cancel`, '/api/admin/chaos/rearm']) {
      const refused = await call(path, { method: 'POST', body: '{}' });
      expect([refused.status, await codeOf(refused)]).toEqual([503, 'SIGN_IN_NOT_RENEWED']);
    }
    expect(seen).toHaveLength(1);
    const halt = { halted: true, by: 'x', reason: 'x', at: '2026-01-01T00:00:00Z' };
    answer = (res) => res.end(JSON.stringify({ halt, confirmed_by: ['a'], not_heard: [] }));
    const body = '{"by":"somebody else","reason":"x"}';
    expect((await call('/api/admin/chaos/halt', { method: 'POST', body })).status).toBe(200);
    for (const { headers, body: told } of seen.slice(1)) {
      expect([headers.authorization, JSON.parse(told).by]).toEqual(['Bearer secret-token', 'ada@example.org']);
    }
  });

  it('reports its own wrong token, instead of asking a signed-in operator for one', async () => {
    session = BY_LINK;
    answer = (res) => res.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"code":"UNAUTHORIZED"}');
    const response = await call('/api/admin/chaos/rearm', { method: 'POST', body: '{"reason":"x"}' });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({
      code: 'OPERATOR_TOKEN_REFUSED',
      detail: expect.stringContaining("The service refused the dashboard's OPERATOR_TOKEN"),
    });
  });

  it('halts every replica of every service, and says which has confirmed', async () => {
    session = BY_LINK;
    const halt = { halted: true, by: 'test', reason: 'x', at: '2026-01-01T00:00:00Z' };
    answer = (res) => res.end(JSON.stringify({ halt, confirmed_by: ['a'], not_heard: [] }));
    const other = await serve((_, res) => answer(res));
    all = [service.url, other.url];
    const response = await call('/api/admin/chaos/halt', { method: 'POST', body: '{"by":"test","reason":"x"}' });
    const { items } = (await response.json()) as { items: { url: string; confirmed: boolean }[] };
    expect(items.map(({ url, confirmed }) => [url, confirmed])).toEqual(
      SERVICE_KEYS.flatMap(() => [service.url, other.url]).map((url) => [url, true]),
    );
    await other.close();
  });

  it('refuses changes that come from another site', async () => {
    session = BY_LINK;
    const headers = { 'sec-fetch-site': 'cross-site' };
    for (const path of ['/api/admin/chaos/rearm', '/api/orders', `/api/orders/${ID}/cancel`]) {
      const response = await call(path, { method: 'POST', body: '{}', headers });
      expect([response.status, await codeOf(response)]).toEqual([403, 'CROSS_SITE']);
    }
    expect(seen).toHaveLength(0);
  });

  it("shows a report in a sandbox, whatever the laboratory's headers are, and nothing without a laboratory", async () => {
    answer = (res) =>
      res.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': 'script-src *' }).end('<p>PASS');
    const report = '/api/gamedays/2026-11-21T14-56-18-mix/report';
    const shown = await call(report);
    expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    laboratory = false;
    const none = await call(report);
    expect([none.status, await codeOf(none), seen.length]).toEqual([404, 'NO_LABORATORY', 1]);
  });

  it('says that a service is not installed, without asking any', async () => {
    [session, bases] = [BY_LINK, []];
    const none = await call(`/api/payments/${ID}`);
    expect([none.status, await codeOf(none), seen.length]).toEqual([404, 'NOT_INSTALLED', 0]);
  });

  it('refuses a body that is too large', async () => {
    const response = await call('/api/orders', { method: 'POST', body: 'x'.repeat(300_000) });
    expect([response.status, await codeOf(response), seen.length]).toEqual([413, 'BODY_TOO_LARGE', 0]);
  });

  it('says that the outcome is unknown if the service is unreachable or hangs up', async () => {
    answer = (res) => res.destroy();
    const cut = await call('/api/orders', { method: 'POST', body: '{}' });
    expect(cut.status).toBe(502);
    const detail = 'The dashboard could not reach order-service. Whether it did anything is unknown.';
    expect(await cut.json()).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', detail });
    await service.close();
    const gone = await call('/api/orders');
    expect(gone.status).toBe(502);
    // A read changes nothing, so its outcome is not in doubt.
    expect(await gone.json()).toMatchObject({ detail: 'The dashboard could not reach order-service.' });
    service = await serve(() => undefined);
  });

  it('asks the next address when one refuses the connection, and no other after one that may have acted', async () => {
    const dead = await serve(() => undefined);
    await dead.close();
    bases = [dead.url, service.url];
    expect((await call('/api/orders', { method: 'POST', body: '{}' })).status).toBe(200);
    bases = [service.url, service.url];
    answer = (res) => res.destroy();
    expect((await call('/api/orders', { method: 'POST', body: '{}' })).status).toBe(502);
    expect(seen).toHaveLength(2);
    bases = [dead.url];
    const refused = await call('/api/orders', { method: 'POST', body: '{}' });
    // A refused connection has done nothing.
    expect(await refused.json()).toMatchObject({ detail: 'The dashboard could not reach order-service.' });
  });

  it('ends the call to the service when the browser goes away', async () => {
    answer = () => undefined;
    const control = new AbortController();
    const pending = call('/api/orders', { signal: control.signal }).catch(() => null);
    await until('the service sees the call', () => seen.length === 1);
    control.abort();
    await pending;
    await until('the service sees it end', () => aborted === 1);
  });

  it('passes a stream on piece by piece, and its end when the browser leaves', async () => {
    let write: (text: string) => void = () => undefined;
    answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.flushHeaders();
      write = (text) => res.write(text);
    };
    const control = new AbortController();
    const response = await call('/api/orders/stream', { headers: { 'last-event-id': '7.1' }, signal: control.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-transform');
    expect(seen[0]?.headers['last-event-id']).toBe('7.1');
    const reader = response.body?.getReader();
    for (const text of ['event: order\n', 'data: 1\n\n']) {
      write(text);
      const { value } = (await reader?.read()) ?? {};
      expect(new TextDecoder().decode(value)).toBe(text);
    }
    control.abort();
    await until('the service sees the stream end', () => aborted === 1);
  });
});

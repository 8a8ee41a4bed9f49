import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import * as requests from '../src/server/session-requests.ts';
import { type Served, serve, serveHandler } from './serve.ts';

/** The routes of `app/api/session`. */
const ACTIONS: Record<string, (request: Request, dashboard: Dashboard) => Response | Promise<Response>> = {
  'GET /': requests.sessionState,
  'POST /': requests.startSession,
  'DELETE /': requests.endSession,
  'POST /sign-up': requests.signUp,
  'POST /password': requests.changePassword,
  'POST /link': requests.newLink,
};
const OPERATOR_TOKEN = 'the-operator-token';
const ADA = { email: 'ada@example.org', password: 'correct horse battery' };

interface Asked {
  readonly path: string | undefined;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage['headers'];
}

let identity: Served;
let served: Served;
let dashboard: Dashboard;
let lines: string[];
let asked: Asked[];
/** How long the access tokens last, seconds. */
let lifetime: number;
/** Refresh tokens that identity-service accepts, each once. */
let valid: Set<string>;
let silent: boolean;

beforeEach(async () => {
  [asked, lifetime, valid, silent] = [[], 900, new Set(), false];
  let last = 0;
  identity = await serve(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = JSON.parse(text) as Record<string, string>;
    asked.push({ path: req.url, body, headers: req.headers });
    if (silent) return res.destroy();
    const json = (status: number, value: object) =>
      res.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(value));
    if (req.url === '/api/identity/sign-up') return json(202, { message: 'It has one now.' });
    if (req.url === '/api/identity/sign-out') return res.writeHead(204).end();
    const isRight =
      req.url === '/api/identity/refresh' ? valid.delete(body.refresh_token ?? '') : body.password !== 'wrong';
    if (!isRight) return json(401, { code: 'SIGN_IN_FAILED', detail: 'Email or password is wrong.' });
    last += 1;
    valid.add(`refresh-${last}`);
    return json(200, {
      access_token: `access-${last}`,
      token_type: 'Bearer',
      expires_in: lifetime,
      refresh_token: `refresh-${last}`,
      refresh_expires_in: 1000,
      user: {
        user_id: '0190a6c1-0000-7000-8000-000000000001',
        email: ADA.email,
        roles: ['customer'],
        disabled: false,
        created_at: '2026-01-01T00:00:00Z',
      },
    });
  });
  await start();
});
afterEach(async () => {
  await served.close();
  await identity.close();
});

async function start(env: Record<string, string> = {}) {
  lines = [];
  const config = readConfig({ OPERATOR_TOKEN, IDENTITY_URL: identity.url, ...env });
  dashboard = new Dashboard(config, (line) => lines.push(line));
  dashboard.signIn.offerLink();
  served = await serveHandler((request) => {
    const path = new URL(request.url).pathname;
    return (ACTIONS[`${request.method} ${path}`] as (typeof ACTIONS)[string])(request, dashboard);
  });
}
/** Replaces the dashboard with another process. */
async function restart(env: Record<string, string> = {}) {
  await served.close();
  await start(env);
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${served.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const post = (body: unknown, headers: Record<string, string> = {}) => send('POST', '/', body, headers);
const linkToken = () => /token=(\S+)/.exec(lines.at(-1) ?? '')?.[1] ?? '';
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const refreshes = () => asked.filter(({ path }) => path === '/api/identity/refresh').length;

async function session(cookie: string) {
  const answer = await send('GET', '/', undefined, { cookie });
  const view = (await answer.json()) as { name: string | null; operator: boolean; state: string };
  return { ...view, cookie: cookieOf(answer) };
}

describe('signing in without an account', () => {
  it('takes the link from the log once, and the operator token always', async () => {
    const used = linkToken();
    const response = await post({ token: used });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(await session(cookieOf(response))).toMatchObject({ name: 'operator', operator: true });
    expect((await post({ token: used })).status).toBe(401);
    expect(linkToken()).not.toBe(used);
    expect((await post({ operator_token: OPERATOR_TOKEN })).status).toBe(200);
    expect((await post({ operator_token: 'not-the-operator-token' })).status).toBe(401);
    // Each that succeeded is told to the audit, and nothing else to identity-service.
    const told = () => asked.map(({ path, body, headers }) => [path, body.with, headers.authorization]);
    const row = (means: string) => ['/api/identity/operator-sign-ins', means, `Bearer ${OPERATOR_TOKEN}`];
    await expect.poll(told).toEqual([row('link'), row('operator-token')]);
  });

  it('marks the cookie as secure behind TLS', async () => {
    const response = await post({ token: linkToken() }, { 'x-forwarded-proto': 'https, http' });
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('gives a new link to the holder of the operator token only', async () => {
    expect((await send('POST', '/link')).status).toBe(401);
    expect((await send('POST', '/link', {}, { authorization: 'Bearer another-token' })).status).toBe(401);
    const made = await send('POST', '/link', {}, { authorization: `Bearer ${OPERATOR_TOKEN}` });
    const { link } = (await made.json()) as { link: string };
    expect(link).toContain(`/sign-in?token=${linkToken()}`);
    expect((await post({ token: linkToken() })).status).toBe(200);
  });

  it('refuses other sites and malformed bodies', async () => {
    expect((await post({ token: linkToken() }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    for (const body of [['x'], {}, { token: '' }, { token: 'x', password: 'y' }]) {
      expect((await post(body)).status).toBe(400);
    }
  });
});

it.each(['a sign-in', 'a sign-out'])(
  'where access is closed, %s of an operator ends the live streams, which show what their browsers could see before',
  async (what) => {
    await restart({ ACCESS: 'closed' });
    const cookie = what === 'a sign-out' ? cookieOf(await post({ operator_token: OPERATOR_TOKEN })) : '';
    const stream = dashboard.hub.watch(dashboard.snapshot(), new AbortController().signal, true);
    const ended = new Response(stream).text();
    // A customer's changes nothing for others.
    await send('DELETE', '/', undefined, { cookie: cookieOf(await post(ADA)) });
    expect(dashboard.hub.watchers).toBe(1);
    if (cookie === '') await post({ token: linkToken() });
    else await send('DELETE', '/', undefined, { cookie });
    expect(await ended).toContain('event: snapshot');
    expect(dashboard.hub.watchers).toBe(0);
  },
);

describe('signing in with an account', () => {
  it('keeps the tokens in the cookie, encrypted, and tells the page only the name and the role', async () => {
    const response = await post(ADA, { 'x-forwarded-for': '10.1.2.3' });
    const text = JSON.stringify([...response.headers]) + (await response.text());
    expect(text).not.toMatch(/access-1|refresh-1/);
    expect(await session(cookieOf(response))).toMatchObject({ name: ADA.email, operator: false, account: true });
    expect(asked[0]).toMatchObject({
      body: ADA,
      headers: { 'x-forwarded-for': expect.stringMatching(/^10\.1\.2\.3\b/) },
    });
  });

  it('hands a refusal on as identity-service gave it, and says when that does not answer', async () => {
    const wrong = await post({ ...ADA, password: 'wrong' });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'SIGN_IN_FAILED' }]);
    expect(wrong.headers.get('set-cookie')).toBeNull();
    silent = true;
    const down = await post(ADA);
    expect([down.status, await down.json()]).toMatchObject([503, { code: 'IDENTITY_UNREACHABLE' }]);
    expect((await post({ operator_token: OPERATOR_TOKEN })).status).toBe(200);
  });

  it('signs up and in at once, and names the field that a rule refuses', async () => {
    const made = await send('POST', '/sign-up', ADA);
    expect(await session(cookieOf(made))).toMatchObject({ name: ADA.email });
    expect(asked.map(({ path }) => path)).toEqual(['/api/identity/sign-up', '/api/identity/sign-in']);
    const short = await send('POST', '/sign-up', { ...ADA, password: 'short' });
    expect([short.status, await short.json()]).toMatchObject([400, { errors: [{ field: 'password' }] }]);
  });

  it('changes the password with the token of the session, and goes on with the new tokens', async () => {
    const body = { current_password: ADA.password, new_password: 'another horse battery' };
    expect((await send('POST', '/password', body)).status).toBe(401);
    const cookie = cookieOf(await post(ADA));
    const changed = await send('POST', '/password', body, { cookie });
    expect(changed.status).toBe(200);
    expect(asked.at(-1)?.headers.authorization).toBe('Bearer access-1');
    expect(cookieOf(changed)).not.toBe(cookie);
  });

  it('signs out here, or everywhere only if identity-service did it', async () => {
    const cookie = cookieOf(await post(ADA));
    silent = true;
    expect((await send('DELETE', '/?everywhere=true', undefined, { cookie })).status).toBe(503);
    const here = await send('DELETE', '/', undefined, { cookie });
    expect([here.status, here.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('Max-Age=0')]);
    silent = false;
    const other = cookieOf(await post(ADA));
    expect((await send('DELETE', '/?everywhere=true', undefined, { cookie: other })).status).toBe(200);
    expect(asked.at(-1)).toMatchObject({ body: { refresh_token: 'refresh-2', everywhere: true } });
  });
});

describe('a session with an account', () => {
  it('outlives the dashboard process, and no change of its secret', async () => {
    const cookie = cookieOf(await post(ADA));
    await restart();
    expect(await session(cookie)).toMatchObject({ name: ADA.email, state: 'ok' });
    await restart({ SESSION_SECRET: 't'.repeat(32) });
    expect(await session(cookie)).toMatchObject({ name: null, state: 'ended' });
  });

  it('is renewed once for all requests that arrive together, and for one that comes later with the old cookie', async () => {
    lifetime = 0; // at once over
    const cookie = cookieOf(await post(ADA));
    await new Promise((resolve) => setTimeout(resolve, 5));
    lifetime = 900;
    const together = await Promise.all(Array.from({ length: 10 }, () => session(cookie)));
    expect(together.every(({ name, state }) => name === ADA.email && state === 'ok')).toBe(true);
    expect(refreshes()).toBe(1);
    // By the browser's address, not the dashboard's: all its sessions would share one quota.
    expect(asked.at(-1)).toMatchObject({
      path: '/api/identity/refresh',
      headers: { 'x-forwarded-for': expect.stringContaining('127.0.0.1') },
    });
    const [renewed] = together;
    expect(await session(cookie)).toMatchObject({ state: 'ok' });
    expect(await session(renewed?.cookie ?? '')).toMatchObject({ state: 'ok', cookie: '' });
    expect(refreshes()).toBe(1);
  });

  it('is renewed before its token expires, and goes on while identity-service is away until then', async () => {
    lifetime = 1;
    const cookie = cookieOf(await post(ADA));
    silent = true;
    await expect.poll(() => session(cookie).then(() => refreshes()), { interval: 50 }).toBeGreaterThan(0);
    await expect.poll(async () => (await session(cookie)).state, { interval: 50, timeout: 5_000 }).toBe('stale');
    expect(await session(cookie)).toMatchObject({ name: ADA.email });
    silent = false;
    lifetime = 900;
    await expect.poll(async () => (await session(cookie)).state, { interval: 100, timeout: 5_000 }).toBe('ok');
  });

  it('ends for every copy of its cookie at a sign-out and at a change of the password, also for renewed ones', async () => {
    const ends = [
      (cookie: string) => send('DELETE', '/', undefined, { cookie }),
      (cookie: string) => send('POST', '/password', { current_password: 'x', new_password: ADA.password }, { cookie }),
    ];
    for (const end of ends) {
      lifetime = 0; // at once over
      const cookie = cookieOf(await post(ADA));
      await new Promise((resolve) => setTimeout(resolve, 5));
      lifetime = 900;
      const renewed = (await session(cookie)).cookie;
      expect((await session(renewed)).state).toBe('ok');
      expect((await end(renewed)).status).toBe(200);
      for (const copy of [cookie, renewed]) expect(await session(copy)).toMatchObject({ name: null, state: 'ended' });
    }
  });

  it('ends at a sign-out also while it is being renewed', async () => {
    lifetime = 0;
    const cookie = cookieOf(await post(ADA));
    await new Promise((resolve) => setTimeout(resolve, 5));
    lifetime = 900;
    const together = await Promise.all([session(cookie), send('DELETE', '/', undefined, { cookie }), session(cookie)]);
    for (const copy of [cookie, together[0].cookie, together[2].cookie]) {
      expect((await session(copy)).name).toBeNull();
    }
  });

  it('ends when identity-service refuses to renew it', async () => {
    lifetime = 0;
    const cookie = cookieOf(await post(ADA));
    valid.clear();
    await expect.poll(async () => (await session(cookie)).state, { interval: 20 }).toBe('ended');
    expect(await session(cookie)).toMatchObject({ name: null, operator: false });
  });
});

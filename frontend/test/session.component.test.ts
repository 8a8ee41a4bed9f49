import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import { endSession, sessionState, startSession } from '../src/server/session-requests.ts';
import { type Served, serveHandler } from './serve.ts';

let served: Served;
let lines: string[];

async function start(env: Record<string, string> = {}) {
  lines = [];
  const dashboard = new Dashboard(readConfig(env), (line) => lines.push(line));
  dashboard.signIn.offerLink();
  served = await serveHandler((request) => {
    if (request.method === 'POST') return startSession(request, dashboard);
    return request.method === 'DELETE' ? endSession(request) : sessionState(request, dashboard);
  });
}
/** Replaces the dashboard with another process. */
async function replaceBy(env: Record<string, string>) {
  await served.close();
  await start(env);
}
beforeEach(() => start());
afterEach(() => served.close());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(served.url, { method: 'POST', body: JSON.stringify(body), headers });
const token = () => /token=(\S+)/.exec(lines.at(-1) ?? '')?.[1] ?? '';
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const operator = async (cookie: string) =>
  ((await (await fetch(served.url, { headers: { cookie } })).json()) as { operator: boolean }).operator;

describe('signing in over HTTP', () => {
  it("accepts the link from the log once, and returns an operator's cookie", async () => {
    const used = token();
    const response = await post({ token: used });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(await operator(cookieOf(response))).toBe(true);
    expect((await post({ token: used })).status).toBe(401);
    expect(token()).not.toBe(used);
  });

  it('marks the cookie as secure behind TLS', async () => {
    const response = await post({ token: token() }, { 'x-forwarded-proto': 'https' });
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('signs out', async () => {
    const response = await fetch(served.url, { method: 'DELETE' });
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('refuses wrong tokens, other sites and malformed bodies', async () => {
    expect(await operator('valerix_session=9999999999999.x.y')).toBe(false);
    expect((await post({ token: token() }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ token: 'wrong' })).status).toBe(401);
    expect((await post({ password: 'anything' })).status).toBe(401);
    expect((await post(['x'])).status).toBe(400);
  });

  it('accepts a password if one is configured', async () => {
    await replaceBy({ DASHBOARD_PASSWORD: 'correct horse' });
    expect(lines).toEqual([]);
    const response = await post({ password: 'correct horse' });
    expect(await operator(cookieOf(response))).toBe(true);
  });

  it('counts for every replica with the same SESSION_SECRET, and for no other', async () => {
    const replica = { DASHBOARD_PASSWORD: 'correct horse', SESSION_SECRET: 's'.repeat(32) };
    await replaceBy(replica);
    const cookie = cookieOf(await post({ password: 'correct horse' }));
    await replaceBy(replica);
    expect(await operator(cookie)).toBe(true);
    await replaceBy({ ...replica, SESSION_SECRET: 't'.repeat(32) });
    expect(await operator(cookie)).toBe(false);
  });
});

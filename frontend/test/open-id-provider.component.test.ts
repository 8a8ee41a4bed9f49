import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import { beginAtProvider, finishAtProvider } from '../src/server/provider-requests.ts';
import { endSession, sessionState, startSession } from '../src/server/session-requests.ts';
import { type Served, serve, serveHandler } from './serve.ts';

let provider: Served;
let served: Served;
/** The forms that the provider's token endpoint received. */
let forms: URLSearchParams[];
/** What the provider says it is called. */
let issuer: string;
let expiresIn: number;

const claims = { sub: '7', preferred_username: 'ada', realm_access: { roles: ['operator'] } };
const jwt = (value: object) => `e30.${Buffer.from(JSON.stringify(value)).toString('base64url')}.c2ln`;

beforeEach(async () => {
  [forms, expiresIn] = [[], 300];
  provider = await serve(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    if (req.url === '/.well-known/openid-configuration') {
      const [authorization_endpoint, token_endpoint] = [`${provider.url}/authorize`, `${provider.url}/token`];
      return res.end(JSON.stringify({ issuer, authorization_endpoint, token_endpoint }));
    }
    const form = new URLSearchParams(text);
    forms.push(form);
    const isKnown = form.get('code') === 'the-code' || form.get('refresh_token') === 'the-refresh-token';
    if (!isKnown) return res.writeHead(400).end('{"error":"invalid_grant"}');
    const tokens = { access_token: jwt({ ...claims, jti: forms.length }), refresh_token: 'the-refresh-token' };
    return res.end(JSON.stringify({ ...tokens, expires_in: expiresIn, token_type: 'Bearer' }));
  });
  issuer = provider.url;
  const env = { OIDC_ISSUER: provider.url, OIDC_CLIENT_ID: 'dash', OIDC_ROLE_CLAIM: 'realm_access.roles' };
  const dashboard = new Dashboard(readConfig({ ...env, DASHBOARD_URL: 'http://dash:3000' }), () => undefined);
  served = await serveHandler((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/api/session/provider') return beginAtProvider(request, dashboard);
    if (pathname === '/api/session/callback') return finishAtProvider(request, dashboard);
    if (request.method === 'DELETE') return endSession(request, dashboard);
    return request.method === 'POST' ? startSession(request, dashboard) : sessionState(request, dashboard);
  });
});
afterEach(async () => {
  await served.close();
  await provider.close();
});

const get = (path: string, cookie = '') => fetch(`${served.url}${path}`, { redirect: 'manual', headers: { cookie } });
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');

async function begin(next = '/chaos') {
  const begun = await get(`/api/session/provider?next=${encodeURIComponent(next)}`);
  return { begun, cookie: cookiesOf(begun), sent: new URL(begun.headers.get('location') ?? '').searchParams };
}

describe('signing in at an OpenID provider', () => {
  it('sends a challenge, exchanges the code with its verifier, and reads name and role from the token', async () => {
    const { begun, cookie, sent } = await begin();
    expect(begun.status).toBe(303);
    expect(Object.fromEntries(sent)).toMatchObject({
      response_type: 'code',
      client_id: 'dash',
      redirect_uri: 'http://dash:3000/api/session/callback',
      code_challenge_method: 'S256',
    });
    const back = await get(`/api/session/callback?code=the-code&state=${sent.get('state')}`, cookie);
    expect(await back.text()).toContain('content="0;url=/chaos"');
    expect(hash('sha256', forms[0]?.get('code_verifier') ?? '', 'base64url')).toBe(sent.get('code_challenge'));
    const view = await (await get('/api/session', cookiesOf(back))).json();
    expect(view).toMatchObject({ name: 'ada', operator: true, account: true, accounts: false, provider: true });
  });

  it('refuses an answer that this browser did not ask for, and one that the provider does not stand by', async () => {
    const { cookie, sent } = await begin();
    const answers = [
      await get(`/api/session/callback?code=the-code&state=${sent.get('state')}`),
      await get('/api/session/callback?code=the-code&state=another', cookie),
      await get(`/api/session/callback?code=another&state=${sent.get('state')}`, cookie),
      await get(`/api/session/callback?error=access_denied&state=${sent.get('state')}`, cookie),
    ];
    for (const answer of answers) {
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'SIGN_IN_FAILED']);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(forms).toHaveLength(1);
    issuer = 'https://another.example';
    expect((await get('/api/session/provider')).status).toBe(401);
  });

  it.each(['//evil.example', '/\t/evil.example', '/..//evil.example'])(
    'leads from %j to no other site',
    async (next) => {
      const { cookie, sent } = await begin(next);
      const back = await get(`/api/session/callback?code=the-code&state=${sent.get('state')}`, cookie);
      expect(await back.text()).toContain('content="0;url=/"');
    },
  );

  it('renews with a refresh token that the provider keeps, each time anew', async () => {
    expiresIn = 0;
    const { cookie, sent } = await begin();
    let held = cookiesOf(await get(`/api/session/callback?code=the-code&state=${sent.get('state')}`, cookie));
    for (const renewals of [1, 2]) {
      const answer = await get('/api/session', held);
      expect(await answer.json()).toMatchObject({ name: 'ada', state: 'ok' });
      expect(forms.filter((form) => form.get('grant_type') === 'refresh_token')).toHaveLength(renewals);
      held = cookiesOf(answer);
    }
  });
});

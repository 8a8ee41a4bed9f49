import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { ask } from '../../../test/support/http.ts';
import { bearer, type Issuer, startIssuer, unsigned } from '../../../test/support/issuer.ts';
import { addresses } from '../src/addresses.ts';
import type { HttpProcessConfig } from '../src/env.ts';
import { openIdentity } from '../src/identity/identify.ts';
import { auditedAs, MACHINE, type Principal } from '../src/identity/principal.ts';
import { requireOperator, requireService } from '../src/identity/require.ts';
import { createLogger } from '../src/logger.ts';
import { createRegistry } from '../src/metrics.ts';
import { errorHandler } from '../src/problem.ts';
import { createRateLimits } from '../src/rate-limits.ts';
import { requestContext } from '../src/request-context.ts';
import { requestLog } from '../src/request-log.ts';

const OPERATOR_TOKEN = 'the-token-of-the-operator';
const CREDENTIAL = 'the-credential-of-a-caller';
const caller: Principal = { kind: 'service', id: 'order', name: 'order-service' };
const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
const warn = vi.spyOn(logger, 'warn');
const NO_QUOTAS = {
  reads: undefined,
  writes: undefined,
  control: undefined,
  'sign-in': undefined,
  webhooks: undefined,
};
const QUOTA = { requests: 50, windowSeconds: 60 };

let issuer: Issuer;
let server: Server;
let identity: ReturnType<typeof openIdentity>;
let url: string;

/** A process that says who asked. */
async function start(config: Partial<HttpProcessConfig> = { IDENTITY_URL: issuer.url }): Promise<void> {
  identity = openIdentity({
    config: { OPERATOR_TOKEN, OIDC_AUDIENCE: 'valerix', OIDC_ROLE_CLAIM: 'roles', ...config } as HttpProcessConfig,
    callers: new Map([[CREDENTIAL, caller]]),
    limits: createRateLimits({
      quotas: { ...NO_QUOTAS, tokens: QUOTA },
      exempt: addresses.parse('none'),
      registry: createRegistry(),
    }),
    logger,
  });
  const app = express().use(requestContext, requestLog(logger), identity.identify);
  app.get('/who', (req, res) => void res.json(req.principal));
  app.get('/operator', requireOperator, (_req, res) => void res.json({}));
  app.get('/service', requireService, (_req, res) => void res.json({}));
  app.use(errorHandler(() => undefined));
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const as = (token: string | undefined, path = '/who') =>
  ask(`${url}${path}`, token === undefined ? {} : { headers: bearer(token) });

beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(async () => {
  vi.useRealTimers();
  server.close();
  await identity.stop();
  await issuer.leave().catch(() => {});
});

it('a request is its sender: a guest, a machine, a service, a customer or an operator', async () => {
  await start();
  expect((await as(undefined)).body).toEqual({ kind: 'guest', id: 'guest', name: 'guest' });
  expect((await as(OPERATOR_TOKEN)).body).toEqual(MACHINE);
  expect((await as(CREDENTIAL)).body).toEqual(caller);
  const ada = { sub: 'user-1', name: 'Ada' };
  expect((await as(await issuer.token(ada))).body).toMatchObject({ kind: 'customer', id: 'user-1', name: 'Ada' });
  const both = await issuer.token({ ...ada, roles: ['customer', 'operator'] });
  expect((await as(both)).body).toMatchObject({ kind: 'operator', id: 'user-1', name: 'Ada' });
});

it('an operator passes where operators do, and not even an operator where only services do', async () => {
  await start();
  const operator = await issuer.token({ roles: ['operator'] });
  const status = async (token: string | undefined, path: string) => (await as(token, path)).status;
  for (const token of [OPERATOR_TOKEN, operator]) {
    expect([await status(token, '/operator'), await status(token, '/service')]).toEqual([200, 403]);
  }
  expect([await status(CREDENTIAL, '/operator'), await status(CREDENTIAL, '/service')]).toEqual([403, 200]);
  expect([await status(undefined, '/operator'), await status(undefined, '/service')]).toEqual([401, 401]);
  expect([
    await status(await issuer.token(), '/operator'),
    (await as(undefined, '/operator')).headers.get('www-authenticate'),
  ]).toEqual([403, 'Bearer']);
});

it.each<[string, () => Promise<string> | string]>([
  ['that has ended', () => issuer.token({}, { expiresIn: -60 })],
  ['for another audience', () => issuer.token({}, { claims: { aud: 'elsewhere' } })],
  ['of another issuer', () => issuer.token({}, { claims: { iss: 'https://elsewhere' } })],
  ['that is not valid yet', () => issuer.token({}, { claims: { nbf: Date.now() / 1_000 + 600 } })],
  ['without a signature', async () => unsigned(await issuer.token({ roles: ['operator'] }))],
  ['signed by another key', () => issuer.forged({ roles: ['operator'] })],
  ['with a changed claim', async () => changed(await issuer.token())],
  ['whose subject is no id', () => issuer.token({ sub: 'a\u001fb' })],
  ['that is none', () => 'nonsense'],
  ['that is empty', () => ''],
])('a token %s is refused on every path', async (_what, token) => {
  await start();
  const answer = await as(await token());
  expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHORIZED']);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
});

it('an address has only so many tokens checked and logged; machines and known tokens pass on', async () => {
  await start();
  const known = await issuer.token();
  expect((await as(known)).status).toBe(200);
  warn.mockClear();
  const statuses: number[] = [];
  for (let i = 0; i < QUOTA.requests + 10; i++) statuses.push((await as(`nonsense-${i}`, '/livez')).status);
  // The known token was the first check.
  expect(statuses.filter((status) => status === 401)).toHaveLength(QUOTA.requests - 1);
  expect(statuses.slice(-11)).toEqual(Array(11).fill(429));
  const late = await as(await issuer.token());
  expect([late.status, late.body.code, Number(late.headers.get('retry-after')) > 50]).toEqual([
    429,
    'RATE_LIMITED',
    true,
  ]);
  expect([(await as(known)).status, (await as(OPERATOR_TOKEN)).status, (await as(undefined)).status]).toEqual([
    200, 200, 200,
  ]);
  const lines = warn.mock.calls.filter(([, text]) => text === 'a token was refused');
  expect(lines.length).toBeLessThan(QUOTA.requests / 2);
});

it('the log has the first refusal at once, and in one line those of a second, or of less before a stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await start();
  warn.mockClear();
  const refused = () => warn.mock.calls.map(([line]) => (line as unknown as { refused: number }).refused);
  for (let i = 0; i < 5; i++) await as(`nonsense-${i}`);
  expect(refused()).toEqual([1]);
  vi.advanceTimersByTime(1_000);
  expect(refused()).toEqual([1, 4]);
  await as('nonsense');
  expect(refused()).toEqual([1, 4]);
  await identity.stop();
  expect(refused()).toEqual([1, 4, 1]);
});

it('requests that arrive together with a new token have it checked once', async () => {
  await start();
  const headers = { authorization: `Bearer ${await issuer.token()}` };
  const arrive = () =>
    new Promise<Principal>((resolve, reject) => {
      const req = { headers, rawHeaders: [], ip: '192.0.2.1', socket: {} } as unknown as Request;
      const res = { setHeader() {}, writeHead: () => reject(new Error('refused')) } as unknown as Response;
      identity.identify(req, res, () => resolve(req.principal));
    });
  const senders = await Promise.all(Array.from({ length: QUOTA.requests * 2 }, arrive));
  expect(new Set(senders.map(({ kind }) => kind))).toEqual(new Set(['customer']));
});

it('two Authorization headers are refused, whichever of them is valid', async () => {
  await start();
  const { hostname, port } = new URL(url);
  const statusOf = async (...tokens: string[]) => {
    const headers = tokens.flatMap((token) => ['authorization', token]);
    const sent = request({ hostname, port, path: '/who', headers: ['host', hostname, ...headers] }).end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    return answer.statusCode;
  };
  const operator = `Bearer ${OPERATOR_TOKEN}`;
  expect(await statusOf(operator)).toBe(200);
  for (const other of ['Bearer nonsense', 'Basic bm9ib2R5', operator]) {
    expect([await statusOf(operator, other), await statusOf(other, operator)]).toEqual([401, 401]);
  }
});

it('a name that PostgreSQL would refuse is kept as far as it can be', async () => {
  await start();
  const nameOf = async (name: string) => (await as(await issuer.token({ name }))).body.name;
  expect(await nameOf('A\0da')).toBe('Ada');
  // The hundredth place is half of a pair.
  expect(await nameOf(`${'a'.repeat(99)}\u{1f600}`)).toBe(`${'a'.repeat(99)}\ufffd`);
});

it('a token may have ended half a minute ago, or begin in half a minute: clocks differ', async () => {
  await start();
  const from = (seconds: number) => ({ claims: { nbf: Math.floor(Date.now() / 1_000) + seconds } });
  const statuses = [{ expiresIn: -20 }, { expiresIn: -40 }, from(20), from(60)].map(
    async (minting) => (await as(await issuer.token({}, minting))).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 401, 200, 401]);
});

it('a verified token is known without its issuer, until it ends', async () => {
  await start();
  const token = await issuer.token({}, { expiresIn: 600 });
  expect((await as(token)).status).toBe(200);
  await issuer.leave();
  expect((await as(token)).status).toBe(200);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 640_000 });
  expect((await as(token)).status).toBe(401);
});

it('without the issuer its keys are good for an hour, and then no token is believed', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await start();
  const fresh = () => issuer.token();
  expect((await as(await fresh())).status).toBe(200);
  await issuer.leave();
  vi.advanceTimersByTime(3_500_000);
  expect((await as(await fresh())).status).toBe(200);
  vi.advanceTimersByTime(101_000);
  const late = await as(await fresh());
  expect([late.status, late.body.code, late.headers.get('retry-after')]).toEqual([503, 'IDENTITY_UNAVAILABLE', '5']);
  await issuer.comeBack();
  vi.advanceTimersByTime(30_000);
  await eventually(async () => expect((await as(await fresh())).status).toBe(200));
});

it('a new key is fetched when a token names it, and made-up names fetch nothing more', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await start();
  expect((await as(await issuer.token())).status).toBe(200);
  await issuer.addKey('second');
  vi.advanceTimersByTime(31_000);
  expect((await as(await issuer.token({}, { kid: 'second' }))).status).toBe(200);
  const asked = issuer.asked();
  await issuer.addKey('third');
  const early = await Promise.all(Array.from({ length: 20 }, async () => as(await issuer.token({}, { kid: 'third' }))));
  expect(early.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 401));
  expect(issuer.asked()).toBe(asked);
});

it('an issuer that answers without a key, as just after its start, does not void the keys it named before', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await start();
  expect((await as(await issuer.token())).status).toBe(200);
  await issuer.addKey('second');
  issuer.nameNoKeys();
  vi.advanceTimersByTime(31_000);
  // The unknown key makes the service ask again; whether the issuer has it stays unknown.
  expect((await as(await issuer.token({}, { kid: 'second' }))).status).toBe(503);
  expect((await as(await issuer.token())).status).toBe(200);
});

it('a service that starts before its issuer believes tokens as soon as the issuer is there', async () => {
  await issuer.leave();
  await start();
  expect((await as(await issuer.token())).status).toBe(503);
  await issuer.comeBack();
  await eventually(async () => expect((await as(await issuer.token())).status).toBe(200));
});

it('while the issuer does not answer, a token of a key that only it can know is not called invalid', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await start();
  expect((await as(await issuer.token())).status).toBe(200);
  await issuer.leave();
  await issuer.addKey('second');
  const newer = () => issuer.token({}, { kid: 'second' });
  vi.advanceTimersByTime(31_000);
  for (let i = 0; i < 2; i++) expect((await as(await newer())).status).toBe(503);
  expect((await as(await issuer.token())).status).toBe(200);
  await issuer.comeBack();
  vi.advanceTimersByTime(31_000);
  expect((await as(await newer())).status).toBe(200);
});

it('without an issuer no token is believed but the machine credentials', async () => {
  await start({});
  expect([(await as(await issuer.token())).status, (await as(OPERATOR_TOKEN)).status]).toEqual([401, 200]);
});

it('the audit has the name in the token, and marks a name that was typed with the machine credential', () => {
  const ada: Principal = { kind: 'operator', id: 'user-1', name: 'Ada' };
  expect(auditedAs(ada, 'someone else')).toEqual({ who: 'Ada', principal: 'user:user-1' });
  expect(auditedAs(MACHINE, 'ci')).toEqual({ who: 'ci', principal: 'operator-token' });
  expect(auditedAs(MACHINE)).toEqual({ who: 'operator', principal: 'operator-token' });
});

/** The token with the role of an operator written into it. */
function changed(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const more = Buffer.from(JSON.stringify({ ...claims, roles: ['operator'] })).toString('base64url');
  return [header, more, signature].join('.');
}

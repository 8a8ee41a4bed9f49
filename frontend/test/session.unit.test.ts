import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { isSameOrigin } from '../src/server/same-origin.ts';
import { seal, unseal } from '../src/server/sealed.ts';
import {
  type AccountSession,
  cookieName,
  cookieValue,
  readSession,
  type Session,
  sealSession,
  sessionCookie,
} from '../src/server/session.ts';
import { isSecure } from '../src/server/sessions.ts';
import { SignIn } from '../src/server/sign-in.ts';
import { nextPage } from '../src/signin/use-sign-in.ts';

const SECRET = 's'.repeat(32);
const NOW = 1_700_000_000_000;
const ACCOUNT: AccountSession = {
  kind: 'account',
  name: 'ada@example.org',
  operator: false,
  access: 'the access token',
  issued_at_ms: NOW,
  expires_at_ms: NOW + 900_000,
  refresh: 'the refresh token',
};
const BY_LINK: Session = { kind: 'token', expires_at_ms: NOW + 1000 };

describe('a session', () => {
  it('is read back by its own secret only, and by link until it expires', () => {
    const value = sealSession(SECRET, ACCOUNT);
    expect(readSession(SECRET, value, NOW)).toEqual(ACCOUNT);
    expect(readSession('t'.repeat(32), value, NOW)).toBeNull();
    // The end of an access token does not end its session: the refresh token may renew it.
    expect(readSession(SECRET, value, NOW + 1_000_000)).toEqual(ACCOUNT);
    expect(readSession(SECRET, sealSession(SECRET, BY_LINK), NOW + 999)).toEqual(BY_LINK);
    expect(readSession(SECRET, sealSession(SECRET, BY_LINK), NOW + 1000)).toBeNull();
  });

  it('shows no token to whoever reads the cookie', () => {
    const value = sealSession(SECRET, ACCOUNT);
    const read = Buffer.from(value, 'base64url').toString('latin1');
    for (const secret of [ACCOUNT.access, ACCOUNT.refresh, ACCOUNT.name]) expect(value + read).not.toContain(secret);
  });

  it('does not survive any change of its value, and is not read from anything else', () => {
    const value = sealSession(SECRET, ACCOUNT);
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.constantFrom('a', 'Z', '0', '9', '.', '-', '='), (at, char) => {
        fc.pre(value[at] !== char);
        expect(readSession(SECRET, value.slice(0, at) + char + value.slice(at + 1), NOW)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 250 }), (text) => void expect(readSession(SECRET, text, NOW)).toBeNull()),
    );
  });

  it('is not taken from a value that was sealed for another purpose', () => {
    const value = seal(SECRET, 'something else', ACCOUNT);
    expect(unseal(SECRET, 'something else', value)).toEqual(ACCOUNT);
    expect(readSession(SECRET, value, NOW)).toBeNull();
  });

  it('travels in a cookie that scripts, other sites, and a dashboard at another port cannot use', () => {
    const cookie = sessionCookie(cookieName(3000), SECRET, BY_LINK, true);
    expect(cookie).toMatch(/^valerix_session_3000=[\w-]+; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure$/);
    expect(sessionCookie(cookieName(3000), SECRET, null, false)).toBe(
      'valerix_session_3000=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    );
    const both = 'a=1; valerix_session_3000=x; valerix_session_4000=y';
    expect([cookieValue(cookieName(3000), both), cookieValue(cookieName(4000), both)]).toEqual(['x', 'y']);
    expect(cookieValue(cookieName(3000), null)).toBeUndefined();
  });

  it.each([
    ['https', true],
    ['http', false],
    ['https, http', true],
    ['http,https', false],
    ['HTTPS', true],
    [undefined, false],
  ])("takes the browser's own scheme, the first in X-Forwarded-Proto: %s", (value, expected) => {
    const headers: Record<string, string> = value === undefined ? {} : { 'x-forwarded-proto': value };
    expect(isSecure(new Request('http://dash:3000/', { headers }))).toBe(expected);
  });
});

describe('signing in without an account', () => {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-sign-in-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const config = { operatorToken: 'the-operator-token', signInFile: null, dashboardUrl: 'http://localhost:3000' };
  const tokenOf = (line: string | undefined) =>
    new URL(line?.split(' ').at(-1)?.trim() ?? '').searchParams.get('token') ?? '';

  it('accepts each link once and then offers the next', () => {
    const lines: string[] = [];
    const signIn = new SignIn(config, (line) => lines.push(line));
    expect(signIn.withLink('')).toBe(false);
    signIn.offerLink();
    expect(lines[0]).toMatch(/^dashboard sign-in: http:\/\/localhost:3000\/sign-in\?token=\S{32}\n$/);
    const first = tokenOf(lines[0]);
    expect(signIn.withLink(first)).toBe(true);
    expect(signIn.withLink(first)).toBe(false);
    expect(lines).toHaveLength(2);
    expect(signIn.withLink(tokenOf(signIn.offerLink()))).toBe(true);
  });

  it('writes the link to a file that only its owner can read', () => {
    const signInFile = join(folder, 'link');
    new SignIn({ ...config, signInFile }, () => undefined).offerLink();
    expect(readFileSync(signInFile, 'utf8')).toMatch(/^http:\/\/localhost:3000\/sign-in\?token=/);
    expect(statSync(signInFile).mode & 0o777).toBe(0o600);
  });

  it('lets the right secret in after any number of wrong ones', () => {
    const signIn = new SignIn(config, () => undefined);
    for (let guess = 0; guess < 1_000; guess++) {
      expect(signIn.withOperatorToken(`guess ${guess}`)).toBe(false);
      expect(signIn.withLink(`guess ${guess}`)).toBe(false);
    }
    expect(signIn.withOperatorToken('the-operator-token')).toBe(true);
    expect(signIn.withLink(tokenOf(signIn.offerLink()))).toBe(true);
    expect(new SignIn({ ...config, operatorToken: null }, () => undefined).withOperatorToken('')).toBe(false);
  });
});

describe('the way back after a sign-in', () => {
  it.each([
    ['/chaos', '/chaos'],
    ['/orders/1?x=2', '/orders/1?x=2'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/\n\\evil.example', '/'],
    ['/..//evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-in', '/'],
    ['', '/'],
  ])('%j leads to %s', (next, expected) => {
    expect(nextPage(new URLSearchParams({ next }), '/')).toBe(expected);
  });
});

describe('same origin', () => {
  const request = (headers: Record<string, string>) => new Request('http://dash:3000/api/session', { headers });

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://dash:3000', host: 'dash:3000' }, false],
    [{ origin: 'http://dash:3000', host: 'dash:3000' }, true],
    [{ origin: 'http://evil:3000', host: 'dash:3000' }, false],
    [{ origin: 'null', host: 'dash:3000' }, false],
    [{}, true],
  ])('%j is %s', (headers, expected) => {
    expect(isSameOrigin(request(headers as Record<string, string>))).toBe(expected);
  });
});

describe('the environment', () => {
  it('has defaults for a local run, and a secret that outlives a restart if there is an operator token', () => {
    const config = readConfig({ OPERATOR_TOKEN: '' });
    expect(config).toMatchObject({ dashboardUrl: 'http://localhost:3000', operatorToken: null, access: 'open' });
    expect(config.sessionSecret).not.toBe(readConfig({}).sessionSecret);
    const kept = readConfig({ OPERATOR_TOKEN: 'a'.repeat(16) }).sessionSecret;
    expect(readConfig({ OPERATOR_TOKEN: 'a'.repeat(16) }).sessionSecret).toBe(kept);
    expect(readConfig({ OPERATOR_TOKEN: 'b'.repeat(16) }).sessionSecret).not.toBe(kept);
  });

  it('names its cookies by the port that browsers use: in two containers on one host it listens at the same', () => {
    const portOf = (env: Record<string, string>) => readConfig({ PORT: '3000', ...env }).publicPort;
    expect(portOf({})).toBe(3000);
    expect(portOf({ DASHBOARD_URL: 'http://localhost:3100' })).toBe(3100);
    expect(portOf({ DASHBOARD_URL: 'https://shop.example' })).toBe(3000);
  });

  it('takes several replicas', () => {
    const { urls } = readConfig({ ORDER_URL: 'http://a:1/, http://b:2' });
    expect(urls.order).toEqual(['http://a:1', 'http://b:2']);
  });

  it('names every problem at once', () => {
    const read = () => readConfig({ PORT: 'x', ORDER_URL: 'ftp://a', SESSION_SECRET: 'short' });
    expect(read).toThrow(/PORT[\s\S]*ORDER_URL[\s\S]*SESSION_SECRET/);
  });
});

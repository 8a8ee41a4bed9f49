import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/server/config.ts';
import { isSameOrigin } from '../src/server/same-origin.ts';
import { createSession, readSession, SESSION_SECONDS, sessionCookie, sessionValue } from '../src/server/session.ts';
import { SignIn } from '../src/server/sign-in.ts';

const SECRET = 's'.repeat(32);
const NOW = 1_700_000_000_000;

describe('a session', () => {
  it('holds until it expires, and for its own key only', () => {
    const value = createSession(SECRET, NOW);
    expect(readSession(SECRET, value, NOW)).toEqual({ expires_at_ms: NOW + SESSION_SECONDS * 1000 });
    expect(readSession(SECRET, value, NOW + SESSION_SECONDS * 1000)).toBeNull();
    expect(readSession('t'.repeat(32), value, NOW)).toBeNull();
  });

  it('does not survive any change of its value', () => {
    const value = createSession(SECRET, NOW);
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.constantFrom('a', 'Z', '0', '9', '.', '-'), (at, char) => {
        fc.pre(value[at] !== char);
        const changed = value.slice(0, at) + char + value.slice(at + 1);
        expect(readSession(SECRET, changed, NOW)).toBeNull();
      }),
    );
  });

  it('is not read from anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 250 }), (text) => void expect(readSession(SECRET, text, NOW)).toBeNull()),
    );
    expect(readSession(SECRET, undefined, NOW)).toBeNull();
  });

  it('travels in a cookie that scripts and other sites cannot use', () => {
    expect(sessionCookie('v', true)).toBe(
      `valerix_session=v; Path=/; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Strict; Secure`,
    );
    expect(sessionCookie(null, false)).toContain('Max-Age=0');
    expect(sessionValue('a=1; valerix_session=x.y.z; b=2')).toBe('x.y.z');
    expect(sessionValue(null)).toBeUndefined();
  });
});

describe('signing in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-sign-in-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const config = { password: null, signInFile: null, dashboardUrl: 'http://localhost:3000' };
  const tokenOf = (line: string | undefined) =>
    new URL(line?.split(' ').at(-1)?.trim() ?? '').searchParams.get('token') ?? '';

  it('accepts each link once and then offers the next', () => {
    const lines: string[] = [];
    const signIn = new SignIn(config, (line) => lines.push(line));
    signIn.offerLink();
    expect(lines[0]).toMatch(/^dashboard sign-in: http:\/\/localhost:3000\/sign-in\?token=\S{32}\n$/);
    const first = tokenOf(lines[0]);
    expect(signIn.withToken(first, NOW)).toBe('ok');
    expect(signIn.withToken(first, NOW)).toBe('wrong');
    expect(lines).toHaveLength(2);
    expect(signIn.withToken(tokenOf(lines[1]), NOW)).toBe('ok');
  });

  it('writes the link to a file that only its owner can read', () => {
    const signInFile = join(folder, 'link');
    new SignIn({ ...config, signInFile }, () => undefined).offerLink();
    expect(readFileSync(signInFile, 'utf8')).toMatch(/^http:\/\/localhost:3000\/sign-in\?token=/);
    expect(statSync(signInFile).mode & 0o777).toBe(0o600);
  });

  it('accepts the password, and then prints no link', () => {
    const lines: string[] = [];
    const signIn = new SignIn({ ...config, password: 'correct horse' }, (line) => lines.push(line));
    signIn.offerLink();
    expect(lines).toEqual([]);
    expect(signIn.withPassword('correct horse', NOW)).toBe('ok');
    expect(signIn.withPassword('wrong horse', NOW)).toBe('wrong');
    expect(signIn.withToken('', NOW)).toBe('wrong');
  });

  it('stops guessing after ten failures in a minute', () => {
    const signIn = new SignIn({ ...config, password: 'correct horse' }, () => undefined);
    for (let i = 0; i < 10; i++) expect(signIn.withPassword(`guess ${i}`, NOW + i)).toBe('wrong');
    expect(signIn.withPassword('correct horse', NOW + 100)).toBe('throttled');
    expect(signIn.withPassword('correct horse', NOW + 61_000)).toBe('ok');
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
  it('has defaults for a local run, and a random secret', () => {
    const config = readConfig({ OPERATOR_TOKEN: '' });
    expect(config).toMatchObject({ dashboardUrl: 'http://localhost:3000', operatorToken: null, password: null });
    expect(config.sessionSecret).not.toBe(readConfig({}).sessionSecret);
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

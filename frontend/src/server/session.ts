import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

const SESSION_COOKIE = 'valerix_session';
export const SESSION_SECONDS = 8 * 3600;

export interface Session {
  readonly expires_at_ms: number;
}

/** A cookie value with the end of an operator's session. It holds no secret, and cannot be changed without the key. */
export function createSession(secret: string, nowMs: number): string {
  const payload = `${nowMs + SESSION_SECONDS * 1000}.${randomBytes(12).toString('base64url')}`;
  return `${payload}.${sign(secret, payload)}`;
}

/** The session in a cookie value, or `null` if the value is absent, altered, expired or signed with another key. */
export function readSession(secret: string, value: string | undefined, nowMs: number): Session | null {
  if (value === undefined || value.length > 200) return null;
  const cut = value.lastIndexOf('.');
  if (cut === -1) return null;
  const payload = value.slice(0, cut);
  if (!equal(sign(secret, payload), value.slice(cut + 1))) return null;
  const expires = Number(payload.split('.')[0]);
  return Number.isSafeInteger(expires) && expires > nowMs ? { expires_at_ms: expires } : null;
}

/** The `Set-Cookie` header that starts a session, or ends it if `value` is `null`. */
export function sessionCookie(value: string | null, secure: boolean): string {
  const age = value === null ? 0 : SESSION_SECONDS;
  const base = `${SESSION_COOKIE}=${value ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict`;
  return secure ? `${base}; Secure` : base;
}

/** The session cookie of a request's `Cookie` header. */
export function sessionValue(cookieHeader: string | null): string | undefined {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}

/** Compares in a time that does not depend on the values. */
export const equal = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

const sign = (secret: string, payload: string): string =>
  createHmac('sha256', secret).update(payload).digest('base64url');

import { hash, timingSafeEqual } from 'node:crypto';
import { seal, unseal } from './sealed.ts';

/** A session by one-time link or operator token lasts this long. */
export const TOKEN_SESSION_SECONDS = 8 * 3600;
/** Longer than a refresh token lives: identity-service decides when an account's session ends. */
const ACCOUNT_COOKIE_SECONDS = 90 * 86_400;
/** A browser drops a larger cookie without a word. */
export const MAX_COOKIE_BYTES = 4_000;
/** The purpose of the seal; a new number forgets every session in the old form. */
const PURPOSE = 'session 2';

/** A person with an account, and the tokens that act for them. No script of a browser ever sees these. */
export interface AccountSession {
  readonly kind: 'account';
  readonly name: string;
  readonly operator: boolean;
  readonly access: string;
  readonly issued_at_ms: number;
  readonly expires_at_ms: number;
  readonly refresh: string;
}

/** An operator without an account: the dashboard acts with its own operator token. */
export interface TokenSession {
  readonly kind: 'token';
  readonly expires_at_ms: number;
}

/** Somebody who looks on with a class, and changes nothing; it counts while the class is open. */
export interface ViewerSession {
  readonly kind: 'viewer';
  readonly code: string;
  readonly expires_at_ms: number;
}

export type Session = AccountSession | TokenSession | ViewerSession;

/** The name of an operator without an account, in the audit and on pages. */
export const TOKEN_NAME = 'operator';

export const nameOf = (session: Session): string =>
  session.kind === 'account' ? session.name : session.kind === 'viewer' ? 'viewer' : TOKEN_NAME;

export const isOperator = (session: Session | null): boolean =>
  session !== null && session.kind !== 'viewer' && (session.kind === 'token' || session.operator);

/** A cookie value that holds the session, encrypted. */
export const sealSession = (secret: string, session: Session): string => seal(secret, PURPOSE, session);

/** The session in a cookie value, or `null` if it is altered, sealed with another secret, or has ended. */
export function readSession(secret: string, value: string, nowMs: number): Session | null {
  if (value.length > MAX_COOKIE_BYTES) return null;
  const session = unseal(secret, PURPOSE, value) as Session | null;
  return session?.kind === 'token' && session.expires_at_ms <= nowMs ? null : session;
}

/**
 * Whether the access token of an account should be exchanged: a third of its life is over. The rest bridges an outage of
 * identity-service. Without a refresh token there is nothing to exchange, and the session ends with its access token.
 */
export const isDue = ({ issued_at_ms, expires_at_ms, refresh }: AccountSession, nowMs: number): boolean =>
  nowMs >= (refresh === '' ? expires_at_ms : issued_at_ms + (expires_at_ms - issued_at_ms) / 3);

/** Cookies of one host are shared by all its ports: the port in the name keeps two dashboards apart. */
export const cookieName = (port: number): string => `valerix_session_${port}`;

/** The `Set-Cookie` header that starts or continues a session, or ends it if `session` is `null`. */
export function sessionCookie(name: string, secret: string, session: Session | null, secure: boolean): string {
  const seconds = session === null ? 0 : session.kind === 'account' ? ACCOUNT_COOKIE_SECONDS : TOKEN_SESSION_SECONDS;
  const value = session === null ? '' : sealSession(secret, session);
  const base = `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
  return secure ? `${base}; Secure` : base;
}

/** The value of a cookie in a request's `Cookie` header. */
export function cookieValue(name: string, cookieHeader: string | null): string | undefined {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [found, value] = part.trim().split('=', 2);
    if (found === name) return value;
  }
  return undefined;
}

/** Compares in a time that does not depend on the values. */
export const equal = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

import { type AccountBody, type OperatorSignInBody, type SignInBody, tokens } from '@valerix/contracts';
import type { AccountSession } from './session.ts';

/** Hashing a password takes its time, and in a crowd it waits for its turn. */
const TIMEOUT_MS = 10_000;
/** A refresh needs no hash, and a page waits for it. */
const REFRESH_TIMEOUT_MS = 3_000;

/** A session renewed; refused for good; or not now. */
export type Renewed = AccountSession | 'refused' | 'unreachable';

/** Who can renew sessions: identity-service, or the OpenID provider in its place. */
export interface Renewer {
  /** @param from the browser's request */
  renew(session: AccountSession, nowMs: number, from: Request): Promise<Renewed>;
}

/** Reads the answer to a refresh. Only a clear no ends a session; a crowd (429) or a defect (5xx) does not. */
export async function renewed(
  answer: Response | null,
  read: (answer: Response) => Promise<AccountSession>,
): Promise<Renewed> {
  if (answer?.ok) return read(answer).catch(() => 'unreachable' as const);
  await answer?.body?.cancel();
  return answer !== null && [400, 401, 403].includes(answer.status) ? 'refused' : 'unreachable';
}

/** What identity-service answered, or `null` without an answer. */
export type IdentityAnswer = Response | null;

interface Call {
  /** The browser's request: its address goes along, since guesses and quotas are counted by address, not by dashboard. */
  readonly from: Request;
  /** The access token of the account that acts. */
  readonly access?: string;
  readonly timeoutMs?: number;
}

/** Calls identity-service on behalf of browsers, for everything whose answer holds tokens. */
export class IdentityClient {
  readonly #bases: () => readonly string[];

  /** @param bases the addresses to try, the best first */
  constructor(bases: () => readonly string[]) {
    this.#bases = bases;
  }

  readonly signIn = (body: SignInBody, from: Request) => this.#post('sign-in', body, { from });
  readonly signUp = (body: AccountBody, from: Request) => this.#post('sign-up', body, { from });
  readonly signOut = (refresh_token: string, everywhere: boolean, from: Request) =>
    this.#post('sign-out', { refresh_token, everywhere }, { from });
  readonly changePassword = (body: object, access: string, from: Request) =>
    this.#post('password', body, { from, access });

  /** For the audit: an operator signed in without an account. Best effort, since that works without identity-service too. */
  async noteSignIn(means: OperatorSignInBody['with'], operatorToken: string, from: Request): Promise<void> {
    const answer = await this.#post('operator-sign-ins', { with: means }, { from, access: operatorToken });
    await answer?.body?.cancel();
    if (!answer?.ok) console.warn(`identity-service could not audit a sign-in by ${means}`);
  }

  /** The session in place of one with this refresh token, which ends. */
  async renew({ refresh }: AccountSession, nowMs: number, from: Request): Promise<Renewed> {
    return renewed(
      await this.#post('refresh', { refresh_token: refresh }, { from, timeoutMs: REFRESH_TIMEOUT_MS }),
      (answer) => sessionOf(answer, nowMs),
    );
  }

  async #post(name: string, body: object, { from, access, timeoutMs = TIMEOUT_MS }: Call): Promise<IdentityAnswer> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    const address = from.headers.get('x-forwarded-for');
    if (address) headers['x-forwarded-for'] = address;
    if (access !== undefined) headers.authorization = `Bearer ${access}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const init: RequestInit = { method: 'POST', headers, body: JSON.stringify(body), signal, cache: 'no-store' };
    for (const base of this.#bases()) {
      try {
        return await fetch(`${base}/api/identity/${name}`, { ...init, redirect: 'error' });
      } catch {
        if (signal.aborted) return null;
      }
    }
    return null;
  }
}

/**
 * The session that an answer with tokens begins. Its times are by this machine's clock, which may differ from the issuer's.
 * @throws Error if the answer has not the documented form
 */
export async function sessionOf(answer: Response, nowMs: number): Promise<AccountSession> {
  const { access_token, refresh_token, expires_in, user } = tokens.parse(await answer.json());
  return {
    kind: 'account',
    name: user.email,
    operator: user.roles.includes('operator'),
    access: access_token,
    issued_at_ms: nowMs,
    expires_at_ms: nowMs + Math.max(1, expires_in * 1000),
    refresh: refresh_token,
  };
}

import { hash } from 'node:crypto';
import type { ClassRoom } from './class-room.ts';
import type { Config } from './config.ts';
import type { Renewed, Renewer } from './identity-client.ts';
import {
  type AccountSession,
  cookieName,
  cookieValue,
  isDue,
  readSession,
  type Session,
  sessionCookie,
} from './session.ts';

/** The session behind a request. */
export interface Current {
  readonly session: Session | null;
  /**
   * `ended`: the browser holds a session that no longer counts. `over`: the class that it looked on with is over. `stale`: its tokens
   * expired while identity-service was silent.
   */
  readonly state: 'ok' | 'ended' | 'over' | 'stale';
  /** For the answer, if the session was renewed. */
  readonly setCookie: string | null;
}

interface Renewal {
  readonly end: Promise<Renewed>;
  result?: Renewed;
}

/**
 * Whether this browser only looks on with a class. It does so until it leaves: the class may be over, or open in another replica of the
 * dashboard, and its changes must not become a guest's.
 */
export const looksOn = ({ session, state }: Pick<Current, 'session' | 'state'>): boolean =>
  session?.kind === 'viewer' || state === 'over';

const NOBODY: Current = { session: null, state: 'ok', setCookie: null };
/** Renewals remembered, so that a browser which missed its new cookie may use the old one once more. */
const REMEMBERED = 5_000;
/** While identity-service is silent, it is asked this often per session. */
const ASK_AGAIN_MS = 2_000;
/** No browser is further behind. */
const MAX_STEPS = 20;
/** A token this young is refused for a reason that a newer one would not mend. */
const YOUNG_MS = 10_000;

/**
 * The sessions of all browsers, which hold them themselves, in encrypted cookies. A refresh token works once, so requests that arrive
 * together share one renewal, and a later request with the old cookie gets the same result.
 */
export class Sessions {
  readonly #config: Pick<Config, 'sessionSecret' | 'publicPort'>;
  readonly #issuer: Renewer;
  readonly #classRoom: Pick<ClassRoom, 'admits'>;
  readonly #now: () => number;
  readonly #renewals = new Map<string, Renewal>();

  constructor(
    config: Pick<Config, 'sessionSecret' | 'publicPort'>,
    issuer: Renewer,
    classRoom: Pick<ClassRoom, 'admits'>,
    now: () => number = Date.now,
  ) {
    this.#config = config;
    this.#issuer = issuer;
    this.#classRoom = classRoom;
    this.#now = now;
  }

  /** The session in a `Cookie` header, without asking anybody. */
  peek(cookieHeader: string | null): Current {
    const value = cookieValue(cookieName(this.#config.publicPort), cookieHeader);
    if (!value) return NOBODY;
    const session = readSession(this.#config.sessionSecret, value, this.#now());
    if (session === null || !this.counts(session)) return { ...NOBODY, state: 'ended' };
    if (session.kind === 'viewer' && !this.#classRoom.admits(session.code)) return { ...NOBODY, state: 'over' };
    return { session, state: 'ok', setCookie: null };
  }

  /** The session behind a request, renewed if that is due. It waits for a renewal only if the token has expired. */
  async current(request: Request): Promise<Current> {
    const peeked = this.peek(request.headers.get('cookie'));
    return peeked.session?.kind === 'account' ? this.#renewed(peeked.session, request) : peeked;
  }

  /** A new session in place of one whose token a service has refused; `null` if there is none. */
  async replaced(session: AccountSession, request: Request): Promise<Current | null> {
    if (this.#now() < session.issued_at_ms + YOUNG_MS) return null;
    await this.#renewal(session, request).end;
    const current = await this.#renewed({ ...session, expires_at_ms: 0 }, request);
    return current.setCookie === null ? null : current;
  }

  /** The `Set-Cookie` header that starts a session, or ends it with `null`. */
  cookie(session: Session | null, request: Request): string {
    const { publicPort, sessionSecret } = this.#config;
    return sessionCookie(cookieName(publicPort), sessionSecret, session, isSecure(request));
  }

  /** Ends a session at this replica, with all that it was renewed to: also for requests that are under way. */
  end(session: AccountSession): void {
    const renewal = this.#renewals.get(keyOf(session));
    if (renewal?.result === 'refused') return;
    this.#remember(session, { end: Promise.resolve('refused'), result: 'refused' });
    void renewal?.end.then((next) => typeof next === 'object' && this.end(next));
  }

  /** False once this replica knows that the session has ended. */
  counts(session: Session | null): boolean {
    return session?.kind !== 'account' || this.#renewals.get(keyOf(session))?.result !== 'refused';
  }

  async #renewed(held: AccountSession, request: Request): Promise<Current> {
    let session = held;
    // An old cookie may be several renewals behind.
    for (let step = 0; step < MAX_STEPS; step++) {
      // A session that was renewed counts no more, however young it is.
      const isKnown = this.#renewals.has(keyOf(session));
      if (!isKnown && !isDue(session, this.#now())) break;
      const { result, end } = this.#renewal(session, request);
      const expired = session.expires_at_ms <= this.#now();
      const next = result ?? (expired ? await end : 'unreachable');
      if (next === 'refused') return { ...NOBODY, state: 'ended' };
      if (next === 'unreachable') {
        if (expired) return { session, state: 'stale', setCookie: null };
        break;
      }
      session = next;
      if (!isKnown) break;
    }
    if (!this.counts(held)) return { ...NOBODY, state: 'ended' };
    return { session, state: 'ok', setCookie: session === held ? null : this.cookie(session, request) };
  }

  #renewal(session: AccountSession, request: Request): Renewal {
    const key = keyOf(session);
    const known = this.#renewals.get(key);
    if (known !== undefined) return known;
    const renewal: Renewal = { end: this.#issuer.renew(session, this.#now(), request) };
    const askAgain = () => this.#renewals.get(key) === renewal && this.#renewals.delete(key);
    this.#remember(session, renewal);
    void renewal.end.then((result) => {
      renewal.result = result;
      if (result === 'unreachable') setTimeout(askAgain, ASK_AGAIN_MS).unref();
    });
    return renewal;
  }

  #remember(session: AccountSession, renewal: Renewal): void {
    this.#renewals.set(keyOf(session), renewal);
    for (const oldest of this.#renewals.keys()) {
      if (this.#renewals.size <= REMEMBERED) break;
      this.#renewals.delete(oldest);
    }
  }
}

/** By its access token: a provider may keep a refresh token over several renewals. */
const keyOf = ({ access }: AccountSession): string => hash('sha256', access);

/** Whether the browser speaks TLS. Each proxy on the way adds the scheme it saw to `X-Forwarded-Proto`; the first is the browser's. */
export function isSecure(request: Request): boolean {
  const [scheme] = (request.headers.get('x-forwarded-proto') ?? '').split(',');
  return (scheme?.trim().toLowerCase() || new URL(request.url).protocol.replace(':', '')) === 'https';
}

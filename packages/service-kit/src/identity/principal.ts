import { KEY_SEPARATOR } from '@valerix/contracts';

/** Who sent a request. */
export interface Principal {
  /** A guest sent no token. A service showed its credential for this service. */
  kind: 'operator' | 'customer' | 'service' | 'guest';
  /** The user's id from the token, a service's key, or a fixed word. */
  id: string;
  /** For the audit. */
  name: string;
  /** When the access token ends for good, milliseconds since 1970; undefined for everybody who has none. */
  endsAt?: number;
}

declare module 'express-serve-static-core' {
  interface Request {
    principal: Principal;
  }
}

export const GUEST: Principal = Object.freeze({ kind: 'guest', id: 'guest', name: 'guest' });

/** Whoever holds OPERATOR_TOKEN: the command line, game days, tests. */
export const MACHINE: Principal = Object.freeze({ kind: 'operator', id: 'operator-token', name: 'operator' });

/** True for a user who signed in, with whichever role. */
export const isPerson = (principal: Principal): boolean =>
  principal.kind === 'customer' || (principal.kind === 'operator' && principal !== MACHINE);

/** An idempotency key as it is stored. The same key of two users is two keys. */
export const storedKey = (principal: Principal, key: string): string =>
  isPerson(principal) ? `${principal.id}${KEY_SEPARATOR}${key}` : key;

/** Who did something, as the audit has it. */
export interface Actor {
  who: string;
  /** `user:` and the user's id, or `operator-token`. */
  principal: string;
}

/**
 * The name for the audit. A user has the name in the access token, whatever was typed. The operator token names no person, so the typed
 * name is used; `principal` in the audit row tells the two apart.
 */
export function auditedAs(principal: Principal, typed?: string): Actor {
  return isPerson(principal)
    ? { who: principal.name, principal: `user:${principal.id}` }
    : { who: typed ?? principal.name, principal: principal.id };
}

import { createHash, randomBytes } from 'node:crypto';
import { ACCESS_TOKEN, type Tokens, type User } from '@valerix/contracts';
import { parse as uuidBytes, v4 as uuidv4 } from 'uuid';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { Secret } from './secret.ts';
import type { SessionStore } from './session-store.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { UserRow } from './user-store.ts';

export interface SessionDeps {
  store: SessionStore;
  keys: SigningKeys;
  secret: Secret;
  metrics: Pick<Metrics, 'reused'>;
  accessMs: number;
  sessionMs: number;
}

export type Sessions = ReturnType<typeof createSessions>;

/** A refresh token: the session, a part that all tokens of the session have, and a part of its own. */
const TOKEN = /^([\w-]{22})\.([\w-]{22})\.([\w-]{43})$/;

/**
 * Sessions are families of refresh tokens (RFC 9700, 4.14.2). Each use of a token replaces it. A used token ends the session,
 * because two have it; only the last one used may be used again for a short while, since its answer may have been lost. It then
 * gets the same successor: a repetition changes nothing.
 */
export function createSessions({ store, keys, secret, metrics, accessMs, sessionMs }: SessionDeps) {
  const tokensOf = async (row: UserRow, sessionId: string, refreshToken: string): Promise<Tokens> => ({
    access_token: await keys.sign(
      {
        ...{ iss: ACCESS_TOKEN.issuer, aud: ACCESS_TOKEN.audience, sub: row.user_id },
        ...{ name: row.email, roles: row.roles, sid: sessionId },
      },
      accessMs,
    ),
    token_type: 'Bearer',
    expires_in: Math.floor(accessMs / 1000),
    refresh_token: refreshToken,
    refresh_expires_in: Math.floor(sessionMs / 1000),
    user: userOf(row),
  });

  return {
    /** Starts a session; with `alone`, it ends all others of the user. @throws SIGN_IN_FAILED if the row is not the present one */
    async start(row: UserRow, { alone = false } = {}): Promise<Tokens> {
      const sessionId = uuidv4();
      const token = join(sessionId, randomBytes(16).toString('base64url'), randomBytes(32));
      const { family_hash, token_hash } = hashesOf(token);
      const session = { session_id: sessionId, family_hash, token_hash };
      if (!(await store.start(row, session, alone))) {
        throw problem('SIGN_IN_FAILED', 'The password was changed, or the account disabled, meanwhile.');
      }
      return tokensOf(row, sessionId, token);
    },

    /** Replaces a refresh token. @throws SESSION_ENDED */
    async refresh(token: string): Promise<Tokens> {
      const given = parse(token);
      if (!given) throw ended();
      const { sessionId, family } = given;
      const successor = join(sessionId, family, secret.successor(token));
      const { family_hash, token_hash } = hashesOf(token);
      const { token_hash: next } = hashesOf(successor);
      const row = await store.rotate(sessionId, token_hash, next);
      if (row && row.disabled_at === null) return tokensOf(row, sessionId, successor);
      const found = await store.find(sessionId);
      if (!found || found.disabled_at !== null) throw ended();
      const isRepeated = found.previous_hash?.equals(token_hash) && found.token_hash.equals(next);
      if (isRepeated && found.in_grace) return tokensOf(found, sessionId, successor);
      // Only those who had a token of this session know the family.
      if (found.family_hash.equals(family_hash)) {
        await store.end(sessionId);
        metrics.reused.inc();
      }
      throw ended();
    },

    /** Ends the session of a token, or all of its user. An unknown token ends none, and that is no error. */
    async end(token: string, everywhere: boolean): Promise<void> {
      const given = parse(token);
      const found = given && (await store.find(given.sessionId));
      if (!found?.family_hash.equals(hashesOf(token).family_hash)) return;
      if (everywhere) await store.endAll(found.user_id);
      else await store.end(given?.sessionId as string);
    },
  };
}

export const userOf = (row: UserRow): User => ({
  user_id: row.user_id,
  email: row.email,
  roles: row.roles,
  disabled: row.disabled_at !== null,
  created_at: row.created_at.toISOString(),
});

const ended = () => problem('SESSION_ENDED', 'This session has ended. Sign in again.');

const join = (sessionId: string, family: string, own: Buffer): string =>
  `${Buffer.from(uuidBytes(sessionId)).toString('base64url')}.${family}.${own.toString('base64url')}`;

function parse(token: string): { sessionId: string; family: string } | undefined {
  const [, session, family] = TOKEN.exec(token) ?? [];
  if (!session || !family) return undefined;
  const hex = Buffer.from(session, 'base64url').toString('hex');
  return { sessionId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), family };
}

function hashesOf(token: string): { family_hash: Buffer; token_hash: Buffer } {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return { family_hash: hash(token.slice(0, token.lastIndexOf('.'))), token_hash: hash(token) };
}

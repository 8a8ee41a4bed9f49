import { ACCESS_TOKEN } from '@valerix/contracts';
import { KeysUnavailable } from '@valerix/service-kit/identity/key-set';
import type { Logger } from '@valerix/service-kit/logger';
import { repeat } from '@valerix/service-kit/repeat';
import { shared } from '@valerix/service-kit/shared';
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { KeyRow, KeyStore, NewKey } from './key-store.ts';
import type { Secret } from './secret.ts';

const ALGORITHM = ACCESS_TOKEN.algorithm;
/** How often a replica looks for new keys: much less than a key is published before it signs. */
const TURN_MS = 60_000;

export type SigningKeys = ReturnType<typeof openSigningKeys>;

interface Key {
  kid: string;
  publicJwk: JWK;
  /** Undefined if it was sealed with another secret; its tokens stay valid. */
  privateKey: CryptoKey | undefined;
  /** By this process's clock of `performance.now()`. */
  signsFrom: number;
}

export interface SigningKeyDeps {
  store: KeyStore;
  secret: Secret;
  logger: Logger;
  turnMs?: number;
}

/**
 * The keys of access tokens, which are in the database, so that all replicas sign with the same one. Each is published before
 * it signs and after it signed last: whoever keeps the key set for a while knows the key of every valid token.
 */
export function openSigningKeys({ store, secret, logger, turnMs = TURN_MS }: SigningKeyDeps) {
  let keys: Key[] = [];
  let find = createLocalJWKSet({ keys: [] });

  async function turn(): Promise<void> {
    const rows = await store.turn(
      () => newKey(secret),
      (row) => secret.open(row.sealed_private) !== undefined,
    );
    const now = performance.now();
    keys = await Promise.all(rows.map((row) => keyOf(row, secret, now)));
    find = createLocalJWKSet(keySet());
  }
  const keySet = () => ({ keys: keys.map(({ publicJwk }) => publicJwk) });
  const reading = shared(0, turn);
  /** Until the database answers, the keys that are known serve. */
  const turning = repeat(turnMs, () =>
    reading.read().catch((err) => logger.warn({ err }, 'the signing keys could not be read')),
  );

  function current(): (Key & { privateKey: CryptoKey }) | undefined {
    const now = performance.now();
    return keys.findLast((key): key is Key & { privateKey: CryptoKey } => key.signsFrom <= now && !!key.privateKey);
  }

  /** Waits for the first reading. @throws if the database does not answer */
  async function known(): Promise<void> {
    if (keys.length === 0) await reading.read();
  }

  return {
    /** What others check tokens with (RFC 7517). @throws before any key is known: with an empty set, others would refuse every token */
    async published() {
      await known();
      return keySet();
    },

    /** The key of a token. @throws KeysUnavailable */
    find: (async (header, token) => {
      await known().catch(() => {
        throw new KeysUnavailable('The signing keys cannot be read.');
      });
      return find(header, token);
    }) satisfies JWTVerifyGetKey as JWTVerifyGetKey,

    /** Signs an access token that is valid for `lifetimeMs`. */
    async sign(payload: JWTPayload, lifetimeMs: number): Promise<string> {
      if (!current()) await reading.read();
      const key = current();
      if (!key) throw new Error('there is no key to sign with');
      const seconds = Math.floor(Date.now() / 1000);
      return new SignJWT(payload)
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + Math.floor(lifetimeMs / 1000))
        .sign(key.privateKey);
    },

    stop: () => turning.stop(),
  };
}

async function newKey(secret: Secret): Promise<NewKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = uuidv7();
  return {
    kid,
    public_jwk: { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' },
    sealed_private: secret.seal(JSON.stringify(await exportJWK(privateKey))),
  };
}

async function keyOf(row: KeyRow, secret: Secret, now: number): Promise<Key> {
  const opened = secret.open(row.sealed_private);
  const privateKey = opened === undefined ? undefined : ((await importJWK(JSON.parse(opened), ALGORITHM)) as CryptoKey);
  return { kid: row.kid, publicJwk: row.public_jwk, privateKey, signsFrom: now + row.signs_in_ms };
}

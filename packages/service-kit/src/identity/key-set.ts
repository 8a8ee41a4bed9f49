import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from '../logger.ts';
import { repeat } from '../repeat.ts';
import type { KeyMemory } from './key-memory-store.ts';

export interface KeySetOptions {
  /** Finds the address of the issuer's key set. */
  locate: () => Promise<string>;
  logger: Logger;
  /** Milliseconds on a clock that never goes back. */
  now?: () => number;
}

/** The issuer's keys are not known, or too old to be believed. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

/** Keys outlive their issuer by this time. A key that was withdrawn is believed as long at most. */
const KEEP_MS = 3_600_000;
const REFRESH_MS = 300_000;
/** The least time between two requests for keys: tokens with made-up key ids must not become requests to the issuer. */
const PAUSE_MS = 30_000;
/** The same until this process has read the first keys itself: services and issuer start side by side. */
const FIRST_PAUSE_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** Fetches JSON from an issuer. @throws Error when it does not answer 200 in time */
export async function fetchJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/** @throws Error for a set without keys: an issuer that has just started may not know its own yet, and no token would be believed */
function keysIn(set: JSONWebKeySet): LocalKeys {
  const find = createLocalJWKSet(set);
  if (set.keys.length === 0) throw new Error('the issuer named no keys');
  return find;
}

/**
 * Holds an issuer's public keys. They are fetched every five minutes, and when a token names a key that is not there; without the issuer
 * they are good for an hour, also for a process that finds them in its memory.
 */
export function followKeys({ locate, logger, now = () => performance.now() }: KeySetOptions) {
  /** `own`: this process has read them from the issuer itself. */
  let keys: { find: LocalKeys; at: number; own: boolean } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let failing = false;
  let memory: KeyMemory | undefined;

  async function read(): Promise<void> {
    triedAt = now();
    try {
      const set = (await fetchJson(await locate())) as unknown as JSONWebKeySet;
      keys = { find: keysIn(set), at: now(), own: true };
      // Best effort: another replica keeps them, or this one in five minutes.
      memory?.keep(set).catch(() => {});
      if (failing) logger.info('the keys of the issuer are read again');
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, 'the keys of the issuer cannot be read');
      failing = true;
      keys ??= await recalled().catch(() => undefined);
    } finally {
      reading = undefined;
    }
  }

  async function recalled() {
    const known = await memory?.recall();
    return known && { find: keysIn(known.keys), at: now() - known.ageMs, own: false };
  }

  /** Waits for a request under way, or sends one if the last is long enough ago. */
  function refresh(): Promise<void> {
    if (!reading && now() - triedAt >= (keys?.own ? PAUSE_MS : FIRST_PAUSE_MS)) reading = read();
    return reading ?? Promise.resolve();
  }

  const believed = () => (keys && now() - keys.at < KEEP_MS ? keys.find : undefined);
  const following = repeat(FIRST_PAUSE_MS, async () => {
    if (!keys?.own || now() - keys.at >= REFRESH_MS) await refresh();
  });

  /** The key of a token among those believed now. */
  async function known(...token: Parameters<JWTVerifyGetKey>): Promise<CryptoKey | undefined> {
    try {
      return await believed()?.(...token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
  }

  /** The key of a token. @throws KeysUnavailable; errors.JWKSNoMatchingKey if the issuer has no such key */
  async function find(...token: Parameters<JWTVerifyGetKey>): Promise<CryptoKey> {
    const key = (await known(...token)) ?? (await refresh().then(() => known(...token)));
    if (key) return key;
    // Only the issuer can tell whether it has a newer key.
    if (failing || !believed()) throw new KeysUnavailable('The keys of the issuer cannot be read.');
    throw new errors.JWKSNoMatchingKey();
  }

  return {
    find,
    /** Where the keys are kept beyond the life of this process. */
    rememberIn(where: KeyMemory): void {
      memory = where;
    },
    stop: () => following.stop(),
  };
}

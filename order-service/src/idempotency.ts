import { hash } from 'node:crypto';
import { canonicalLines, IDEMPOTENCY_KEY, type OrderLine } from '@valerix/contracts';
import { bareKey } from '@valerix/service-kit/bare-key';
import type { Redis } from '@valerix/service-kit/redis';
import type { StoredAnswer } from './answers.ts';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';

/**
 * The key of an `Idempotency-Key` header: bare, or a quoted structured-field string (draft-ietf-httpapi-idempotency-key-header-07,
 * section 2.1), 1 to 255 printable ASCII characters.
 * @param sent the header's values, one for each time it was sent: joined, two keys would make a third one
 * @throws VALIDATION_FAILED
 */
export function parseIdempotencyKey(sent: readonly string[] = []): string {
  const [header, ...more] = sent;
  const field = 'Idempotency-Key';
  const reject = (message: string) =>
    problem('VALIDATION_FAILED', `The ${field} header ${message}.`, { errors: [{ field, message }] });
  if (header === undefined || header === '') throw reject('is required; send a new UUID for each order');
  if (more.length > 0) throw reject('was sent more than once');
  const key = bareKey(header);
  if (!IDEMPOTENCY_KEY.test(key)) throw reject('must be 1 to 255 printable ASCII characters');
  return key;
}

/** A hash of what the order means, not of the bytes sent. It tells two orders with the same key apart. */
export function fingerprintOf(items: readonly OrderLine[]): string {
  return hash('sha256', canonicalLines(items), 'base64url');
}

export interface Replay extends StoredAnswer {
  fingerprint: string;
}

export type ReplayCache = ReturnType<typeof createReplayCache>;

/** How long a finished answer waits for others, to be stored with them in one command, milliseconds. */
const HOLD_MS = 10;
// Redis has no command that sets many keys with an expiry.
const STORE = `for n, key in ipairs(KEYS) do redis.call('SET', key, ARGV[n + 1], 'EX', ARGV[1]) end`;

/**
 * Caches the answers of finished orders in Redis, so that a retry needs no database. Every failure of Redis counts as a miss (I11).
 * All reads of one turn of the event loop are one command, and so are all writes within some milliseconds.
 */
export function createReplayCache(redis: Redis, metrics: Metrics, ttlSeconds = 24 * 3600) {
  const name = (key: string) => `valerix:replay:${key}`;
  let asked: { key: string; resolve(value: string | null): void }[] = [];
  let finished: { key: string; replay: Replay }[] = [];
  const storing = setTimeout(store, HOLD_MS).unref();

  async function ask(): Promise<void> {
    const asking = asked;
    asked = [];
    const values = await redis.mget(asking.map(({ key }) => name(key))).catch(() => []);
    asking.forEach(({ resolve }, n) => {
      resolve(values[n] ?? null);
    });
  }

  function store(): void {
    const names = finished.map(({ key }) => name(key));
    const values = finished.map(({ replay }) => encode(replay));
    finished = [];
    if (names.length > 0) redis.eval(STORE, names.length, ...names, ttlSeconds, ...values).catch(() => {});
  }

  return {
    async find(key: string): Promise<Replay | undefined> {
      const value = await new Promise<string | null>((resolve) => {
        if (asked.push({ key, resolve }) === 1) setImmediate(ask);
      });
      if (value === null) return undefined;
      metrics.idempotencyHits.inc();
      return decode(value);
    },

    /** Best effort, in the background: PostgreSQL already has the answer. */
    remember(key: string, replay: Replay): void {
      if (finished.push({ key, replay }) === 1) storing.refresh();
    },
  };
}

// One head line, then the body byte for byte: JSON would be parsed and might reorder it.
function encode({ fingerprint, order_id, status, body }: Replay): string {
  return `${fingerprint} ${order_id} ${status}\n${body}`;
}

function decode(value: string): Replay | undefined {
  const end = value.indexOf('\n');
  const [fingerprint, order_id, status] = value.slice(0, end).split(' ');
  if (end < 0 || !fingerprint || !order_id || !status) return undefined;
  return { fingerprint, order_id, status: Number(status), body: value.slice(end + 1) };
}

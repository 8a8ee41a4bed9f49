import { hash } from 'node:crypto';
import { canonicalLines, IDEMPOTENCY_KEY, type OrderLine } from '@valerix/contracts';
import { bareKey } from '@valerix/service-kit/bare-key';
import type { Epoch } from '@valerix/service-kit/follow-database';
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

/** What an order means. */
export interface Meaning {
  items: readonly OrderLine[];
  expectedTotalCents?: number | undefined;
  paymentToken?: string | undefined;
}

/** A hash of what the order means, not of the bytes sent. It tells two orders with the same key apart. */
export function fingerprintOf({ items, expectedTotalCents, paymentToken }: Meaning): string {
  const billed = [
    ...(expectedTotalCents === undefined ? [] : [`total ${expectedTotalCents}`]),
    ...(paymentToken === undefined ? [] : [`token ${paymentToken}`]),
  ];
  // Without either, the hash is the one of older versions.
  return hash('sha256', [canonicalLines(items), ...billed].join('\n'), 'base64url');
}

export interface Replay extends StoredAnswer {
  fingerprint: string;
}

export type ReplayCache = ReturnType<typeof createReplayCache>;

export interface ReplayCacheOptions {
  redis: Redis;
  metrics: Pick<Metrics, 'idempotencyHits'>;
  epoch: () => Epoch | undefined;
  /** How long orders are kept, milliseconds, if not for ever: no answer outlives its order by more. */
  keepMs?: number | undefined;
}

/** Part of every name: a version that writes values otherwise takes another number. */
const FORMAT = 2;
const DAY_MS = 24 * 3_600_000;
/** How long a finished answer waits for others, to be stored with them in one command, milliseconds. */
const HOLD_MS = 10;
// Redis has no command that sets many keys with an expiry.
const STORE = `for n, key in ipairs(KEYS) do redis.call('SET', key, ARGV[n + 1], 'EX', ARGV[1]) end`;

/**
 * Caches the answers of finished orders in Redis, so that a retry needs no database. Every failure of Redis counts as a miss (I11),
 * and so does every value that PostgreSQL did not give in this epoch: names hold the epoch, values are sealed with its secret.
 * All reads of one turn of the event loop are one command, and so are all writes within some milliseconds.
 */
export function createReplayCache({ redis, metrics, epoch, keepMs = DAY_MS }: ReplayCacheOptions) {
  const ttlSeconds = Math.ceil(Math.min(DAY_MS, keepMs) / 1_000);
  let asked: { name: string; resolve(value: string | null): void }[] = [];
  let finished: { name: string; value: string }[] = [];
  const storing = setTimeout(store, HOLD_MS).unref();

  async function ask(): Promise<void> {
    const asking = asked;
    asked = [];
    const values = await redis.mget(asking.map(({ name }) => name)).catch(() => []);
    asking.forEach(({ resolve }, n) => {
      resolve(values[n] ?? null);
    });
  }

  function store(): void {
    if (finished.length === 0) return;
    const storing = finished;
    finished = [];
    const [names, values] = [storing.map(({ name }) => name), storing.map(({ value }) => value)];
    redis.eval(STORE, names.length, ...names, ttlSeconds, ...values).catch(() => {});
  }

  return {
    /** The answer to an order of this meaning. Another meaning is a miss: only PostgreSQL refuses a key (I10). */
    async find(key: string, fingerprint: string): Promise<StoredAnswer | undefined> {
      const current = epoch();
      if (!current) return undefined;
      const name = nameOf(current, key);
      const value = await new Promise<string | null>((resolve) => {
        if (asked.push({ name, resolve }) === 1) setImmediate(ask);
      });
      const replay = value === null ? undefined : unseal(value, name, current.secret);
      if (replay?.fingerprint !== fingerprint) return undefined;
      metrics.idempotencyHits.inc();
      return replay;
    },

    /** Best effort, in the background: PostgreSQL already has the answer. */
    remember(key: string, replay: Replay): void {
      const current = epoch();
      if (!current) return;
      const name = nameOf(current, key);
      if (finished.push({ name, value: seal(replay, name, current.secret) }) === 1) storing.refresh();
    },
  };
}

const nameOf = (epoch: Epoch, key: string) => `valerix:replay:${FORMAT}:${epoch.name}:${key}`;

/** The name is sealed in, so that a value moved to another key is not believed. The secret at both ends keeps it from being extended. */
const sealOf = (text: string, name: string, secret: string) =>
  hash('sha256', `${secret}\n${name}\n${text}\n${secret}`, 'base64url');

// One head line, then the body byte for byte: JSON would be parsed and might reorder it.
function seal({ fingerprint, order_id, status, body }: Replay, name: string, secret: string): string {
  const text = `${fingerprint} ${order_id} ${status}\n${body}`;
  return `${sealOf(text, name, secret)} ${text}`;
}

function unseal(value: string, name: string, secret: string): Replay | undefined {
  const start = value.indexOf(' ') + 1;
  const text = value.slice(start);
  if (value.slice(0, start - 1) !== sealOf(text, name, secret)) return undefined;
  const end = text.indexOf('\n');
  const [fingerprint = '', order_id = '', status] = text.slice(0, end).split(' ');
  return { fingerprint, order_id, status: Number(status), body: text.slice(end + 1) };
}

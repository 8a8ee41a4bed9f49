import { pause } from '@valerix/service-kit/backoff';
import type { Epoch } from '@valerix/service-kit/follow-database';
import type { Logger } from '@valerix/service-kit/logger';
import type { Redis } from '@valerix/service-kit/redis';
import { z } from 'zod';
import type { Metrics } from './metrics.ts';

/** A hint of another epoch may name an order that this database does not have. */
const streamOf = (epoch: Epoch) => `valerix:queued:1:${epoch.name}`;
const GROUP = 'settlers';
/** The stream is trimmed to about this length (I13). A lost hint costs at most one sweep interval. */
const MAX_LENGTH = 10_000;
const READ_COUNT = 256;
const BLOCK_MS = 2_000;
const WAIT_FOR_EPOCH_MS = 500;
/** An entry unacknowledged for this long belongs to a consumer that died. */
const DEAD_AFTER_MS = 30_000;
const FORGET_CONSUMER_AFTER_MS = 3_600_000;
/** Redis drops the stream of an epoch that has ended after this time; no worker reads it. */
const FORGET_STREAM_AFTER_S = 24 * 3600;

const orderId = z.uuid();

type Entry = [id: string, fields: string[]];
type Handle = (orderIds: string[]) => Promise<void>;

export interface FallbackQueueOptions {
  /** For the request path: its commands fail at once. */
  redis: Redis;
  /** A separate connection, because a blocking read occupies it. */
  blockingRedis: Redis;
  epoch: () => Epoch | undefined;
  consumer: string;
  metrics: Pick<Metrics, 'unreadableHints'>;
  logger: Logger;
}

export type FallbackQueue = ReturnType<typeof createFallbackQueue>;

/**
 * The Redis stream that tells a worker, on any replica, that an order waits. Entries are only hints: the row in PostgreSQL says
 * whether there is work, so a wiped stream loses no order and a repeated entry doubles none (I11).
 */
export function createFallbackQueue({ redis, blockingRedis, epoch, consumer, metrics, logger }: FallbackQueueOptions) {
  const stopped = new AbortController();
  let handling: Promise<void> = Promise.resolve();
  let toldOfUnreadable = false;

  async function handleEntries(stream: string, entries: Entry[], handle: Handle): Promise<void> {
    if (entries.length === 0) return;
    // A claimed entry that was trimmed meanwhile comes without fields.
    const hints = entries.map(([, fields]) => fields?.[1]).filter((hint) => hint !== undefined);
    const orderIds = hints.filter((hint) => orderId.safeParse(hint).success);
    if (orderIds.length < hints.length) countUnreadable(hints.length - orderIds.length);
    handling = orderIds.length > 0 ? handle(orderIds) : Promise.resolve();
    await handling;
    await redis.xack(stream, GROUP, ...entries.map(([id]) => id));
  }

  /** Acknowledged with the others of its page: PostgreSQL would refuse the whole list of ids, and the page would stay pending. */
  function countUnreadable(hints: number): void {
    metrics.unreadableHints.inc(hints);
    if (!toldOfUnreadable)
      logger.warn({ hints }, 'the fallback stream holds entries that name no order; ignoring them');
    toldOfUnreadable = true;
  }

  async function readNext(stream: string, handle: Handle): Promise<void> {
    const reply = (await blockingRedis.xreadgroup(
      'GROUP',
      GROUP,
      consumer,
      'COUNT',
      READ_COUNT,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      stream,
      '>',
    )) as [string, Entry[]][] | null;
    await handleEntries(stream, reply?.[0]?.[1] ?? [], handle);
  }

  async function takeOverDeadConsumers(stream: string, handle: Handle): Promise<void> {
    const reply = await redis.xautoclaim(stream, GROUP, consumer, DEAD_AFTER_MS, '0', 'COUNT', READ_COUNT);
    await handleEntries(stream, reply[1] as Entry[], handle);
    await redis.expire(stream, FORGET_STREAM_AFTER_S);
    const consumers = (await redis.xinfo('CONSUMERS', stream, GROUP)) as unknown[][];
    for (const fields of consumers) {
      const info = Object.fromEntries(fields.map((value, i) => [value, fields[i + 1]]).filter((_, i) => i % 2 === 0));
      if (info.name !== consumer && Number(info.pending) === 0 && Number(info.idle) > FORGET_CONSUMER_AFTER_MS) {
        await redis.xgroup('DELCONSUMER', stream, GROUP, String(info.name));
      }
    }
  }

  async function recover(stream: string, error: unknown): Promise<void> {
    if (stopped.signal.aborted) return;
    // Redis was wiped: create the group again, from the beginning of the stream.
    if (String(error).includes('NOGROUP')) {
      const made = await blockingRedis.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM').catch(() => undefined);
      if (made) return;
    }
    logger.debug({ err: error }, 'the fallback stream could not be read');
    await pause(500, stopped.signal);
  }

  async function readLoop(handle: Handle): Promise<void> {
    let lookForDeadAt = 0;
    while (!stopped.signal.aborted) {
      const current = epoch();
      if (!current) {
        await pause(WAIT_FOR_EPOCH_MS, stopped.signal);
        continue;
      }
      const stream = streamOf(current);
      try {
        await readNext(stream, handle);
        if (performance.now() < lookForDeadAt) continue;
        lookForDeadAt = performance.now() + DEAD_AFTER_MS / 2;
        await takeOverDeadConsumers(stream, handle);
      } catch (error) {
        await recover(stream, error);
      }
    }
  }

  return {
    /** Adds a hint about a queued order. Best effort, in the background. */
    push(orderId: string): void {
      const current = epoch();
      if (current) redis.xadd(streamOf(current), 'MAXLEN', '~', MAX_LENGTH, '*', 'order_id', orderId).catch(() => {});
    },

    /** Reads until `stop`. An entry is acknowledged once `handle` resolves: PostgreSQL knows, under a lease, what is still under way then. */
    start(handle: Handle): void {
      void readLoop(handle);
    },

    /** Entries in the stream; null when Redis or the database cannot be reached. */
    async length(): Promise<number | null> {
      const current = epoch();
      return current ? redis.xlen(streamOf(current)).catch(() => null) : null;
    },

    async stop(): Promise<void> {
      stopped.abort();
      // Ends a blocking read; entries that it delivered stay pending, and another consumer takes them over.
      blockingRedis.disconnect();
      // After a disconnect, a read that waits for a reconnection never settles, so wait only for the work in hand.
      await handling.catch(() => {});
    },
  };
}

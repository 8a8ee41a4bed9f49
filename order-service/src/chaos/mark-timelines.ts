import { chaosMark, readLine } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import type { Redis } from '@valerix/service-kit/redis';
import { repeat } from '@valerix/service-kit/repeat';
import { z } from 'zod';
import type { ChaosMarksStore } from './chaos-marks-store.ts';

export interface MarkTimelinesOptions {
  store: ChaosMarksStore;
  redis: Redis;
  /** The stream that the marks arrive in. */
  stream: string;
  logger: Logger;
  intervalMs: number;
}

const READ_COUNT = 1_000;
/** A mark may come before its order is written. How long it waits for the order, milliseconds. */
const WAIT_FOR_ORDER_MS = 15_000;

/** A user's id, a separator and a key. */
const MAX_STORED_KEY = 511;

const sentMark = chaosMark.extend({
  event_id: z.uuid(),
  occurred_at: z.iso.datetime(),
  order_id: z.uuid().optional(),
  idempotency_key: z.string().max(MAX_STORED_KEY).optional(),
});

/**
 * Writes the marks of faults to the timelines of the orders that they hit. An entry leaves the stream only after it is written,
 * so a mark survives the death of any process; replicas that read the same mark write it once.
 */
export function markTimelines({ store, redis, stream, logger, intervalMs }: MarkTimelinesOptions) {
  async function move(): Promise<void> {
    const entries = await redis.xrange(stream, '-', '+', 'COUNT', READ_COUNT);
    if (entries.length === 0) return;
    const parsed = entries.map(([id, fields]) => ({ id, mark: readLine(sentMark, fields[1]) }));
    const known = await store.write(parsed.flatMap(({ mark }) => mark ?? []));
    const done = parsed.filter(({ id, mark }) => !mark || known.has(mark.event_id) || isOld(id));
    if (done.length > 0) await redis.xdel(stream, ...done.map(({ id }) => id));
  }

  return repeat(intervalMs, () =>
    move().catch((error) => logger.debug({ err: error }, 'the marks of chaos could not be moved')),
  );
}

/** An entry's id begins with the time at which it was added, milliseconds. */
const isOld = (id: string) => Date.now() - Number.parseInt(id, 10) > WAIT_FOR_ORDER_MS;

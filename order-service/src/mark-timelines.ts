import { chaosMark } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import { KEYS } from '@valerix/service-kit/chaos/keys';
import type { SentMark } from '@valerix/service-kit/chaos/marks';
import type { Logger } from '@valerix/service-kit/logger';
import type { Redis } from '@valerix/service-kit/redis';
import { z } from 'zod';
import type { ChaosMarksStore } from './chaos-marks-store.ts';

export interface MarkTimelinesOptions {
  store: ChaosMarksStore;
  redis: Redis;
  logger: Logger;
  consumer: string;
  intervalMs: number;
}

const GROUP = 'timelines';
const READ_COUNT = 200;
/** A mark may come before its order is written; it waits this long for it, milliseconds. */
const WAIT_FOR_ORDER_MS = 15_000;
const MAX_WAITING = 1_000;

const sentMark = chaosMark.extend({
  event_id: z.uuid(),
  occurred_at: z.iso.datetime(),
  order_id: z.uuid().optional(),
  idempotency_key: z.string().optional(),
});

type Entry = [id: string, fields: string[]];
interface Waiting {
  mark: SentMark;
  since: number;
}

/** Brings the marks of both services' faults to the orders they hit. Best effort: nothing but the explanation depends on it. */
export function markTimelines({ store, redis, logger, consumer, intervalMs }: MarkTimelinesOptions) {
  const stopped = new AbortController();
  let waiting: Waiting[] = [];

  async function readMarks(): Promise<void> {
    const reply = await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', READ_COUNT, 'STREAMS', KEYS.marks, '>');
    const entries = ((reply as [string, Entry[]][] | null)?.[0]?.[1] ?? []) as Entry[];
    if (entries.length === 0) return;
    const fresh = entries.flatMap(([, fields]) => parseMark(fields[1]));
    waiting = [...waiting, ...fresh.map((mark) => ({ mark, since: performance.now() }))].slice(-MAX_WAITING);
    await redis.xack(KEYS.marks, GROUP, ...entries.map(([id]) => id));
  }

  async function writeMarks(): Promise<void> {
    if (waiting.length === 0) return;
    const asked = waiting;
    const known = await store.write(asked.map(({ mark }) => mark));
    const patient = performance.now() - WAIT_FOR_ORDER_MS;
    waiting = waiting.filter(({ mark, since }) => !known.has(mark.event_id) && since > patient);
  }

  async function recover(error: unknown): Promise<void> {
    if (String(error).includes('NOGROUP')) {
      await redis.xgroup('CREATE', KEYS.marks, GROUP, '0', 'MKSTREAM').catch(() => {});
      return;
    }
    logger.debug({ err: error }, 'the marks of chaos could not be moved');
  }

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await readMarks().catch(recover);
      await writeMarks().catch(recover);
      await pause(intervalMs, stopped.signal);
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await loop;
    },
  };
}

function parseMark(json: string | undefined): SentMark[] {
  try {
    return [sentMark.parse(JSON.parse(json ?? ''))];
  } catch {
    return [];
  }
}

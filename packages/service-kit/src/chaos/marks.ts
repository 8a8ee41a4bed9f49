import type { ChaosMark } from '@valerix/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Redis } from '../redis.ts';
import type { FaultContext } from './fault-context.ts';
import type { ChaosKeys } from './keys.ts';

/** A mark on its way to an order's timeline. */
export interface SentMark extends ChaosMark {
  event_id: string;
  occurred_at: string;
  order_id?: string | undefined;
  /** Finds an order that has no id yet, or whose client places it again after this process died. */
  idempotency_key?: string | undefined;
}

export interface Marks {
  /** Sends the mark in the background, best effort. */
  send(mark: ChaosMark, context: FaultContext): void;
  /** Resolves when every mark is sent. */
  sent(): Promise<void>;
}

/** The stream is trimmed to about this length (I13): marks explain orders, and nothing depends on them. */
const MAX_LENGTH = 10_000;
const MAX_UNDER_WAY = 1_000;

/** Marks travel through a Redis stream: a fault in one service belongs on a timeline that another service keeps. */
export function createMarks(redis: Redis, keys: Pick<ChaosKeys, 'marks'>): Marks {
  const underWay = new Set<Promise<unknown>>();
  return {
    send(mark, { order_id, idempotency_key, reads }) {
      if (reads || (order_id === undefined && idempotency_key === undefined)) return;
      if (underWay.size >= MAX_UNDER_WAY) return;
      const occurred_at = new Date().toISOString();
      const sent: SentMark = { ...mark, event_id: uuidv7(), occurred_at, order_id, idempotency_key };
      const sending = redis
        .xadd(keys.marks, 'MAXLEN', '~', MAX_LENGTH, '*', 'mark', JSON.stringify(sent))
        .catch(() => {})
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async sent() {
      await Promise.all(underWay);
    },
  };
}

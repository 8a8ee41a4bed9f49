import type { ChaosMark } from '@valerix/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Redis } from '../redis.ts';
import type { FaultContext } from './fault-context.ts';
import { KEYS } from './keys.ts';

/** A mark on its way to the timeline of an order. */
export interface SentMark extends ChaosMark {
  event_id: string;
  occurred_at: string;
  order_id?: string | undefined;
  /** Finds the order while it has no id, or when it dies with this process and its client places it anew. */
  idempotency_key?: string | undefined;
}

export interface Marks {
  /** Best effort, in the background. */
  send(mark: ChaosMark, context: FaultContext): void;
  /** Resolves when nothing is under way any more. */
  sent(): Promise<void>;
}

/** Trimmed to about this length (I13): marks explain orders, nothing depends on them. */
const MAX_LENGTH = 10_000;
const MAX_UNDER_WAY = 1_000;

/** Marks go over a Redis stream, because a fault in one service belongs on a timeline that the other one keeps. */
export function createMarks(redis: Redis): Marks {
  const underWay = new Set<Promise<unknown>>();
  return {
    send(mark, { order_id, idempotency_key, reads }) {
      if (reads || (order_id === undefined && idempotency_key === undefined)) return;
      if (underWay.size >= MAX_UNDER_WAY) return;
      const occurred_at = new Date().toISOString();
      const sent: SentMark = { ...mark, event_id: uuidv7(), occurred_at, order_id, idempotency_key };
      const sending = redis
        .xadd(KEYS.marks, 'MAXLEN', '~', MAX_LENGTH, '*', 'mark', JSON.stringify(sent))
        .catch(() => {})
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async sent() {
      await Promise.all(underWay);
    },
  };
}

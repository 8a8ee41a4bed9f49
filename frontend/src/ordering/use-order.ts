import type { orderAnswer, orderEvents } from '@valerix/contracts';
import { isSettled } from '@valerix/contracts/plain';
import { type AnswerOf, isNotFound } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';
import { queuedEvent, whyQueued } from './why-queued.ts';

/** One order. It is polled every second while it is open, seldom once it is settled, and never if it does not exist. */
export function useOrder(id: string | null | undefined) {
  return useRead<AnswerOf<typeof orderAnswer>>(['order', id], `/api/orders/${id}`, {
    enabled: id != null,
    every: ({ state: { data, error } }) => {
      if (isNotFound(error)) return false;
      return data && isSettled(data.order.status) ? 15_000 : 1_000;
    },
  });
}

/** Why the order was queued, once its timeline was read; `null` for no order or another reason to wait. */
export function useWhyQueued(id: string | null): string | null {
  const { data } = useRead<AnswerOf<typeof orderEvents>>(['order-events', id], `/api/orders/${id}/events`, {
    enabled: id !== null,
  });
  const event = queuedEvent(data?.items ?? []);
  return event ? whyQueued(event) : null;
}

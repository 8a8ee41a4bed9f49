import { isSettled, orderAnswer } from '@valerix/contracts';
import { isNotFound } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';

/** One order. It is polled every second while it is open, seldom once it is settled, and never if it does not exist. */
export function useOrder(id: string | null | undefined) {
  return useRead(['order', id], orderAnswer, `/api/orders/${id}`, {
    enabled: id != null,
    every: ({ state: { data, error } }) => {
      if (isNotFound(error)) return false;
      return data && isSettled(data.order.status) ? 15_000 : 1_000;
    },
  });
}

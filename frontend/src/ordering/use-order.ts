'use client';

import { isSettled, orderAnswer } from '@valerix/contracts';
import { isNotFound } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';

/** One order, asked for every second while it is on its way, seldom afterwards, and once if there is none. */
export function useOrder(id: string) {
  return useRead(['order', id], orderAnswer, `/api/orders/${id}`, {
    every: ({ state: { data, error } }) => {
      if (isNotFound(error)) return false;
      return data && isSettled(data.order.status) ? 15_000 : 1_000;
    },
  });
}

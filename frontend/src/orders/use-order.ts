'use client';

import { useQuery } from '@tanstack/react-query';
import { isSettled, orderAnswer } from '@valerix/contracts';
import { fetchJson, isNotFound } from '../browser/http.ts';
import { useLastError } from '../browser/last-error.ts';

/** One order, asked for every second while it is on its way, seldom afterwards, and once if there is none. */
export function useOrder(id: string | null) {
  const query = useQuery({
    queryKey: ['order', id],
    enabled: id !== null,
    queryFn: ({ signal }) => fetchJson(orderAnswer, 'GET', `/api/orders/${id}`, { signal }),
    refetchInterval: ({ state: { data, error } }) => {
      if (isNotFound(error)) return false;
      return data && isSettled(data.order.status) ? 15_000 : 1_000;
    },
  });
  return useLastError(query);
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { type Order, orderAnswer } from '@valerix/contracts';
import { fetchJson } from '../browser/http.ts';

/** Statuses in which the system still has something to do. */
export function isMoving(order: Pick<Order, 'status' | 'dead_lettered_at'>): boolean {
  return order.status === 'pending' || order.status === 'queued' || order.status === 'cancelling';
}

/** One order, asked for every second while it is on its way and seldom afterwards. */
export function useOrder(id: string | null) {
  return useQuery({
    queryKey: ['order', id],
    enabled: id !== null,
    queryFn: ({ signal }) => fetchJson(orderAnswer, 'GET', `/api/orders/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && !isMoving(query.state.data.order) ? 15_000 : 1_000),
  });
}

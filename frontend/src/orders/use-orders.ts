'use client';

import { useQuery } from '@tanstack/react-query';
import { type Order, orderAnswer, orderPage } from '@valerix/contracts';
import { fetchJson, orNull } from '../browser/http.ts';
import { useLastError } from '../browser/use-read.ts';
import { looksLikeId, type OrderSearch } from './search.ts';

const PAGE_SIZE = 25;

interface Page {
  readonly items: readonly Order[];
  readonly next_cursor: string | null;
}

/** One page of orders, newest first. The first page of an unfiltered list is renewed as orders come. */
export function useOrders(search: OrderSearch) {
  const query = useQuery({
    queryKey: ['orders', search],
    queryFn: ({ signal }) => findOrders(search, signal),
    refetchInterval: search.cursor === null ? 2_000 : false,
  });
  return useLastError(query);
}

async function findOrders(search: OrderSearch, signal: AbortSignal): Promise<Page> {
  const text = search.text.trim();
  const byKey = fetchJson(orderPage, 'GET', '/api/orders', {
    signal,
    params: {
      limit: PAGE_SIZE,
      status: search.status ?? undefined,
      cursor: search.cursor ?? undefined,
      idempotency_key: text === '' ? undefined : text,
    },
  });
  if (!looksLikeId(text)) return byKey;
  const byId = orNull(fetchJson(orderAnswer, 'GET', `/api/orders/${text.toLowerCase()}`, { signal }));
  const [page, found] = await Promise.all([byKey, byId]);
  const items =
    found === null
      ? page.items
      : [found.order, ...page.items.filter(({ order_id }) => order_id !== found.order.order_id)];
  return { items: items.filter((one) => search.status === null || one.status === search.status), next_cursor: null };
}

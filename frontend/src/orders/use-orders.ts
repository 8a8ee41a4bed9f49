import { useQuery } from '@tanstack/react-query';
import { type Order, orderAnswer, orderPage } from '@valerix/contracts';
import { fetchJson, orNull } from '../browser/http.ts';
import { type Page, useLastError } from '../browser/use-read.ts';
import { looksLikeId, type OrderSearch } from './search.ts';

const PAGE_SIZE = 25;

/** One page of orders, newest first. The first page is polled. */
export function useOrders(search: OrderSearch) {
  const query = useQuery({
    queryKey: ['orders', search],
    queryFn: ({ signal }) => findOrders(search, signal),
    refetchInterval: search.cursor === null ? 2_000 : false,
  });
  return useLastError(query);
}

async function findOrders(search: OrderSearch, signal: AbortSignal): Promise<Page<Order>> {
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
  const others = page.items.filter(({ order_id }) => order_id !== found?.order.order_id);
  const items = found === null ? others : [found.order, ...others];
  return { items: items.filter((one) => search.status === null || one.status === search.status), next_cursor: null };
}

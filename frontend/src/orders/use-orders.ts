import { useQuery } from '@tanstack/react-query';
import type { Order, orderAnswer, orderPage } from '@valerix/contracts';
import { type AnswerOf, fetchJson, orNull, type SendOptions } from '../browser/http.ts';
import { type Page, useLastError } from '../browser/use-read.ts';
import { filterParams, looksLikeId, type OrderSearch, partOf } from './search.ts';

const PAGE_SIZE = 25;

/** One page of orders, newest first. The first page is polled. */
export function useOrders(search: OrderSearch) {
  const query = useQuery({
    queryKey: ['orders', search],
    queryFn: ({ signal }) => findOrders(search, PAGE_SIZE, signal),
    refetchInterval: search.cursor === null ? 2_000 : false,
  });
  return useLastError(query);
}

/** A page of the orders that a search means. The first page begins with those found by their whole key or id. */
export async function findOrders(search: OrderSearch, limit: number, signal?: AbortSignal): Promise<Page<Order>> {
  const text = search.text.trim();
  const params = { ...filterParams(search), limit, cursor: search.cursor ?? undefined };
  const read = (more: NonNullable<SendOptions['params']>) =>
    fetchJson<AnswerOf<typeof orderPage>>('GET', '/api/orders', {
      ...(signal && { signal }),
      params: { ...params, ...more },
    });
  if (text === '') return read({});
  const part = partOf(text);
  const nothing: Page<Order> = { items: [], next_cursor: null };
  const [found, exact] = await Promise.all([
    part === null ? nothing : read({ search: part }),
    search.cursor === null ? findExactly(text, read, signal) : [],
  ]);
  const known = new Set(exact.map(({ order_id }) => order_id));
  return { ...found, items: [...exact, ...found.items.filter(({ order_id }) => !known.has(order_id))] };
}

/** The orders with this text as their key or their id. */
async function findExactly(
  text: string,
  read: (more: { idempotency_key: string }) => Promise<Page<Order>>,
  signal: AbortSignal | undefined,
): Promise<readonly Order[]> {
  const byKey = /^[\x20-\x7e]+$/.test(text) ? read({ idempotency_key: text }) : null;
  const byId = looksLikeId(text)
    ? orNull(
        fetchJson<AnswerOf<typeof orderAnswer>>('GET', `/api/orders/${text.toLowerCase()}`, {
          ...(signal && { signal }),
        }),
      )
    : null;
  const [page, one] = await Promise.all([byKey, byId]);
  const items = page?.items ?? [];
  return one && !items.some(({ order_id }) => order_id === one.order.order_id) ? [one.order, ...items] : items;
}

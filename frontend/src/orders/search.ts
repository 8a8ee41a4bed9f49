import { ORDER_STATUSES, type OrderStatus } from '@valerix/contracts/plain';

/** What the list shows: all orders, those of one status, or a group that crosses statuses. */
export type OrderFilter = OrderStatus | 'waiting' | 'dead-letters' | 'hit-by-fault' | null;
const FILTERS: ReadonlyArray<OrderFilter> = [...ORDER_STATUSES, 'waiting', 'dead-letters', 'hit-by-fault'];

export interface OrderSearch {
  readonly status: OrderFilter;
  /** As typed: an idempotency key, or a part of an id, an item or a reason. */
  readonly text: string;
  /** When they were placed, ISO 8601. */
  readonly from: string | null;
  readonly to: string | null;
  readonly cursor: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the search from the page's address, where links share it and the back button restores it. */
export function readSearch(params: URLSearchParams): OrderSearch {
  const asked = params.get('status');
  return {
    status: FILTERS.find((one) => one === asked) ?? null,
    text: params.get('q') ?? '',
    from: timeIn(params.get('from')),
    to: timeIn(params.get('to')),
    cursor: params.get('cursor'),
  };
}

/** A time of the address; `null` for anything else. */
const timeIn = (text: string | null): string | null =>
  text === null || Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString();

export function writeSearch(search: OrderSearch): string {
  const params = new URLSearchParams();
  if (search.status !== null) params.set('status', search.status);
  if (search.text.trim() !== '') params.set('q', search.text.trim());
  for (const name of ['from', 'to', 'cursor'] as const) {
    const value = search[name];
    if (value !== null) params.set(name, value);
  }
  const text = params.toString();
  return text === '' ? '/orders' : `/orders?${text}`;
}

/** The API's parameters for a filter and a time. */
export function filterParams({ status, from, to }: OrderSearch): Record<string, string | undefined> {
  const placed = { placed_from: from ?? undefined, placed_to: to ?? undefined };
  if (status === 'waiting') return { ...placed, waiting: 'true' };
  if (status === 'dead-letters') return { ...placed, dead_lettered: 'true' };
  if (status === 'hit-by-fault') return { ...placed, hit_by_fault: 'true' };
  return { ...placed, status: status ?? undefined };
}

/** Whether the text can be an order id. Keys are often UUIDs too, so such text is looked up as both. */
export const looksLikeId = (text: string): boolean => UUID.test(text.trim());

/** The part to search for, in the API's form; `null` if the text cannot be one. An id as pages shorten it is found by its end. */
export function partOf(text: string): string | null {
  const part = text.trim().split('…').at(-1)?.trim().replaceAll(' ', '_') ?? '';
  return /^[\x21-\x7e]{1,64}$/.test(part) ? part : null;
}

import { type OrderStatus, orderStatus } from '@valerix/contracts';

/** What the list shows: all orders, those of one status, or a group that crosses statuses. */
export type OrderFilter = OrderStatus | 'waiting' | 'dead-letters' | 'hit-by-fault' | null;
const GROUPS: ReadonlyArray<OrderFilter> = ['waiting', 'dead-letters', 'hit-by-fault'];

export interface OrderSearch {
  readonly status: OrderFilter;
  /** As typed: an idempotency key, or a part of an id, an item or a reason. */
  readonly text: string;
  readonly cursor: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the search from the page's address, where links share it and the back button restores it. */
export function readSearch(params: URLSearchParams): OrderSearch {
  const asked = params.get('status');
  const group = GROUPS.find((one) => one === asked);
  const status = orderStatus.safeParse(asked);
  return {
    status: group ?? (status.success ? status.data : null),
    text: params.get('q') ?? '',
    cursor: params.get('cursor'),
  };
}

export function writeSearch(search: OrderSearch): string {
  const params = new URLSearchParams();
  if (search.status !== null) params.set('status', search.status);
  if (search.text.trim() !== '') params.set('q', search.text.trim());
  if (search.cursor !== null) params.set('cursor', search.cursor);
  const text = params.toString();
  return text === '' ? '/orders' : `/orders?${text}`;
}

/** The API's parameters for a filter. */
export function filterParams(status: OrderFilter): Record<string, string | undefined> {
  if (status === 'waiting') return { waiting: 'true' };
  if (status === 'dead-letters') return { dead_lettered: 'true' };
  if (status === 'hit-by-fault') return { hit_by_fault: 'true' };
  return { status: status ?? undefined };
}

/** Whether the text can be an order id. Keys are often UUIDs too, so such text is looked up as both. */
export const looksLikeId = (text: string): boolean => UUID.test(text.trim());

/** The part to search for, in the API's form; `null` if the text cannot be one. An id as pages shorten it is found by its end. */
export function partOf(text: string): string | null {
  const part = text.trim().split('…').at(-1)?.trim().replaceAll(' ', '_') ?? '';
  return /^[\x21-\x7e]{1,64}$/.test(part) ? part : null;
}

import { type OrderStatus, orderStatus } from '@valerix/contracts';

export interface OrderSearch {
  readonly status: OrderStatus | null;
  /** An order id or an idempotency key, as typed. */
  readonly text: string;
  readonly cursor: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the search from the page's address, where links share it and the back button restores it. */
export function readSearch(params: URLSearchParams): OrderSearch {
  const status = orderStatus.safeParse(params.get('status'));
  return { status: status.success ? status.data : null, text: params.get('q') ?? '', cursor: params.get('cursor') };
}

export function writeSearch(search: OrderSearch): string {
  const params = new URLSearchParams();
  if (search.status !== null) params.set('status', search.status);
  if (search.text.trim() !== '') params.set('q', search.text.trim());
  if (search.cursor !== null) params.set('cursor', search.cursor);
  const text = params.toString();
  return text === '' ? '/orders' : `/orders?${text}`;
}

/** Whether the text can be an order id. Keys are often UUIDs too, so such text is looked up as both. */
export const looksLikeId = (text: string): boolean => UUID.test(text.trim());

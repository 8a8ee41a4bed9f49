import type { OrderAnswer, OrderLine } from '@valerix/contracts';
import { HEADER } from '@valerix/contracts/plain';
import { type Answer, send } from '../browser/http.ts';

/** Sends an order under a key. Resolves with any answer. @param pay the token of a card; without it, the order is billed on account */
export function placeOrder(key: string, items: readonly OrderLine[], pay: string | null = null): Promise<Answer> {
  // Lines that came with an order have prices too, which are not the customer's to send.
  const lines = items.map(({ item_id, quantity }) => ({ item_id, quantity }));
  const body = { items: lines, ...(pay !== null && { payment: { token: pay } }) };
  return send('POST', '/api/orders', { body, headers: { [HEADER.idempotencyKey]: key } });
}

/** The id of the order in an answer to `POST /api/orders`, if there is one. */
export function orderIdOf(answer: Answer): string | null {
  const { order, order_id } = (answer.body ?? {}) as Partial<OrderAnswer> & { order_id?: unknown };
  const id = order?.order_id ?? order_id;
  return typeof id === 'string' ? id : null;
}

import { HEADER, type OrderLine, orderAnswer } from '@valerix/contracts';
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
  const parsed = orderAnswer.safeParse(answer.body);
  if (parsed.success) return parsed.data.order.order_id;
  const refused = answer.body as { order_id?: unknown } | null;
  return typeof refused?.order_id === 'string' ? refused.order_id : null;
}

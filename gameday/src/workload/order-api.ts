import { hash } from 'node:crypto';
import { HEADER, type OrderLine } from '@valerix/contracts';
import { GUESTS } from './customers.ts';
import { closePools, type Exchanged, exchange, openPools } from './exchange.ts';

/** The result of one request. `status` 0: no answer, so the outcome is unknown. */
export interface Reply {
  status: number;
  code?: string;
  orderId?: string;
  state?: string;
  md5?: string;
  retryAfterMs?: number;
  error?: string;
}

export type OrderApi = ReturnType<typeof createOrderApi>;

/**
 * The order service as its clients see it: one address per replica, a time limit, and an answer or none. Never throws.
 * @param operatorToken by which orders are cancelled where access is closed
 * @param customers who place the orders
 */
export function createOrderApi(
  urls: string[],
  timeoutMs: number,
  connections = 256,
  operatorToken?: string,
  customers = GUESTS,
) {
  const pools = openPools(urls, connections);

  const post = async (path: string, replica: number, headers: Record<string, string> = {}, body?: string) =>
    replyOf(await exchange(pools, replica, { method: 'POST', path, headers, timeoutMs, body }));

  return {
    place: (key: string, items: OrderLine[], replica: number, token?: string) => {
      const headers = {
        ...{ 'content-type': 'application/json', [HEADER.idempotencyKey]: key },
        ...customers.headersOf(key),
      };
      // Real clients use both forms of the body.
      const wanted = items.length === 1 ? items[0] : { items };
      const body = JSON.stringify({ ...wanted, ...(token && { payment: { token } }) });
      return post('/api/orders', replica, headers, body);
    },
    cancel: (orderId: string, replica: number) =>
      post(
        `/api/orders/${orderId}/cancel`,
        replica,
        operatorToken === undefined ? {} : { authorization: `Bearer ${operatorToken}` },
      ),
    close: () => closePools(pools),
  };
}

function replyOf({ text, ...answered }: Exchanged): Reply {
  if (text === undefined) return answered;
  const reply: Reply = { ...answered, md5: hash('md5', text) };
  try {
    const body = JSON.parse(text) as { code?: string; order_id?: string; order?: { order_id: string; status: string } };
    if (body.code) reply.code = body.code;
    const orderId = body.order?.order_id ?? body.order_id;
    if (orderId) reply.orderId = orderId;
    if (body.order) reply.state = body.order.status;
  } catch {
    reply.error = 'the answer is not JSON';
  }
  return reply;
}

import { hash } from 'node:crypto';
import { HEADER, type OrderLine } from '@valerix/contracts';
import { Pool } from 'undici';

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

/** Connections to each replica for clients that follow an order: in an outage they are many, and must not delay those who order. */
const FOLLOWERS = 32;

/** The order service as its clients see it: one address per replica, a time limit, and an answer or none. Never throws. */
export function createOrderApi(urls: string[], timeoutMs: number, connections = 256) {
  const open = (most: number) =>
    urls.map((url) => new Pool(url, { connections: most, pipelining: 1, keepAliveTimeout: 4_000 }));
  const [pools, followers] = [open(connections), open(FOLLOWERS)];

  async function ask(
    replicas: Pool[],
    replica: number,
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Reply> {
    try {
      const pool = replicas[replica % replicas.length] as Pool;
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await pool.request({ method, path, headers, signal, ...(body !== undefined && { body }) });
      const text = await response.body.text();
      return replyOf(response.statusCode, text, response.headers['retry-after']);
    } catch (error) {
      const { name, code, message } = error as Error & { code?: string };
      return { status: 0, error: name === 'TimeoutError' ? 'timeout' : (code ?? message) };
    }
  }

  return {
    place: (key: string, items: OrderLine[], replica: number) => {
      const headers = { 'content-type': 'application/json', [HEADER.idempotencyKey]: key };
      // Real clients use both forms of the body.
      const body = JSON.stringify(items.length === 1 ? items[0] : { items });
      return ask(pools, replica, 'POST', '/api/orders', headers, body);
    },
    cancel: (orderId: string, replica: number) => ask(pools, replica, 'POST', `/api/orders/${orderId}/cancel`),
    find: (orderId: string, replica: number) => ask(followers, replica, 'GET', `/api/orders/${orderId}`),
    close: async () => void (await Promise.all([...pools, ...followers].map((pool) => pool.destroy()))),
  };
}

function replyOf(status: number, text: string, retryAfter: string | string[] | undefined): Reply {
  const reply: Reply = { status, md5: hash('md5', text) };
  const seconds = Number(retryAfter);
  if (retryAfter !== undefined && seconds >= 0) reply.retryAfterMs = seconds * 1000;
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

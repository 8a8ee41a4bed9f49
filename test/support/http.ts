import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  status: number;
  text: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  body: any;
}

/** One request over a real socket; the body is parsed when it is JSON. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(20_000) });
  const text = await response.text();
  const isJson =
    response.headers.get('content-type')?.includes('json') && !response.headers.get('content-type')?.includes('ndjson');
  return { status: response.status, text, headers: response.headers, body: isJson ? JSON.parse(text) : undefined };
}

export function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    ...(signal && { signal }),
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Places an order as a client does. */
export function placeOrder(orderUrl: string, body: unknown, key: string = randomUUID()): Promise<Answer> {
  return post(`${orderUrl}/api/orders`, body, { 'Idempotency-Key': key });
}

/** Places an order as a patient client does: where the shop is full (429, 503) or still at it (409), it asks again with its key, as often as it takes. */
export async function placeUntilTaken(orderUrl: string, body: unknown): Promise<Answer> {
  const key = randomUUID();
  for (;;) {
    const answer = await placeOrder(orderUrl, body, key);
    if (![409, 429, 503].includes(answer.status)) return answer;
    await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1_000);
  }
}

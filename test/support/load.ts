import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Operation {
  key: string;
  items: { item_id: string; quantity: number }[];
  /** Every answer that settles the question: 201, 202 or 422. */
  answers: { status: number; text: string }[];
  /** Every other status, `0` for a connection that failed. */
  troubles: number[];
  /** How long each request took, milliseconds, whatever came of it. */
  durations: number[];
}

const ITEMS = ['ps5', 'xbox', 'switch', 'laptop', 'monitor', 'headset', 'keyboard', 'mouse', 'chair', 'webcam'];

/**
 * Open loop of good clients: `rate` orders a second for `seconds`, each retried with its key until it is answered. Every fifth
 * order has two items; every tenth client loses its answer on purpose and asks again.
 */
export async function runLoad(orderUrls: string[], rate: number, seconds: number): Promise<Operation[]> {
  const start = performance.now();
  const clients = Array.from({ length: rate * seconds }, async (_, n) => {
    await sleep(Math.max(0, start + (n * 1000) / rate - performance.now()));
    return client(orderUrls, n);
  });
  return Promise.all(clients);
}

async function client(orderUrls: string[], n: number): Promise<Operation> {
  const item = (i: number) => ({ item_id: ITEMS[i % ITEMS.length] as string, quantity: 1 });
  const operation: Operation = {
    key: randomUUID(),
    items: n % 5 === 0 ? [item(n), item(n + 1)] : [item(n)],
    answers: [],
    troubles: [],
    durations: [],
  };
  const wanted = n % 10 === 0 ? 2 : 1;
  const end = performance.now() + 30_000;
  for (let attempt = 0; operation.answers.length < wanted && performance.now() < end; attempt++) {
    const sent = performance.now();
    const answer = await send(orderUrls[(n + attempt) % orderUrls.length] as string, operation);
    operation.durations.push(performance.now() - sent);
    if ([201, 202, 422].includes(answer.status)) operation.answers.push(answer);
    else {
      operation.troubles.push(answer.status);
      await sleep(50 + Math.random() * 200);
    }
  }
  return operation;
}

async function send(orderUrl: string, { key, items }: Operation): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${orderUrl}/api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(items.length === 1 ? items[0] : { items }),
      signal: AbortSignal.timeout(5_000),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Orders at a steady rate, whether or not they are answered, until `stop`. Some are sent twice, some given up. */
export function startLoad(orderUrl: string, perSecond: number, itemId: string): { stop(): Promise<void> } {
  let running = true;
  const open = new Set<Promise<void>>();
  const loop = (async () => {
    for (let n = 0; running; n++) {
      const one: Promise<void> = client(orderUrl, itemId, n).finally(() => open.delete(one));
      open.add(one);
      await sleep(1000 / perSecond);
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      await Promise.all(open);
    },
  };
}

async function client(orderUrl: string, itemId: string, n: number): Promise<void> {
  const key = randomUUID();
  await send(orderUrl, itemId, key, 20_000);
  if (n % 10 === 3) await send(orderUrl, itemId, key, 20_000);
}

/** Sends one order, with more fields if any; a lost answer is part of the plan. */
export async function send(
  orderUrl: string,
  itemId: string,
  key: string,
  patienceMs: number,
  more: object = {},
): Promise<void> {
  await fetch(`${orderUrl}/api/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ item_id: itemId, quantity: 1, ...more }),
    signal: AbortSignal.timeout(patienceMs),
  })
    .then((response) => response.arrayBuffer())
    .catch(() => {});
}

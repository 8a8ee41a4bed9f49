import { type HistoryLine, NO_ORDER } from '@valerix/gameday/workload';
import { request } from 'undici';
import { type Event, WORKLOAD } from './scenario.ts';
import { OPERATOR_TOKEN, portOf } from './system.ts';

/** What an operator does, once, through the API. @throws if it is not answered */
export async function operate(event: Event & { kind: 'price' | 'restock' }): Promise<void> {
  const isPrice = event.kind === 'price';
  const body = isPrice
    ? { price_cents: event.cents }
    : { restock_id: `brought-${event.atMs}`, quantity: event.quantity };
  const path = `/api/inventory/${event.item}${isPrice ? '' : '/restock'}`;
  const response = await request(`http://inventory:${portOf('inventory')}${path}`, {
    method: isPrice ? 'PATCH' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_TOKEN}` },
    signal: AbortSignal.timeout(WORKLOAD.timeout_ms),
    body: JSON.stringify(body),
  });
  await response.body.dump();
}

export function eventInWords(event: Event): string {
  switch (event.kind) {
    case 'kill':
      return `${event.process} IS KILLED`;
    case 'database-away':
      return `THE DATABASE of ${event.of} IS AWAY for ${event.forMs} ms`;
    case 'redis-away':
      return `REDIS IS AWAY for ${event.forMs} ms`;
    case 'redis-wiped':
      return 'REDIS IS WIPED';
    case 'price':
      return `the price of ${event.item} becomes ${event.cents}`;
    case 'restock':
      return `${event.quantity} of ${event.item} are brought`;
  }
}

/** What a client or a reader asked, was told, or saw. */
export function lineInWords({ op, f, type, what, status, state, error, orders, stock, depth }: HistoryLine): string {
  const who = op === NO_ORDER ? 'reader' : `client ${op}`;
  const asked = f === 'read' && what !== 'order' ? `${f} ${what}` : f;
  const seen =
    orders?.map(([order, its]) => `${order} ${its}`) ??
    Object.entries(stock ?? {}).map(([item, [left]]) => `${item} ${left}`);
  const told = [status, state, depth, seen.join(', '), error && `(${error})`].filter(
    (one) => one !== undefined && one !== '',
  );
  return [`${who}: ${asked} ${type}`, ...told].join(' ');
}

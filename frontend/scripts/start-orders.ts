import type { OrderLine } from '@valerix/contracts';
import type { Stack } from '@valerix/local-stack';

/** Places orders at a steady rate until `stop`. */
export function startOrders(stack: Stack, perSecond: number, linesOf: (index: number) => OrderLine[]) {
  const url = `${stack.services.order.urls[0]}/api/orders`;
  let sent = 0;
  const orders = { answered: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(async () => {
    const body = JSON.stringify({ items: linesOf(sent++) });
    try {
      const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const answer = await fetch(url, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      orders.answered += 1;
    } catch {
      // No answer arrived, so nothing is counted.
    }
  }, 1000 / perSecond);
  return orders;
}

import { type OrderStatus, orderAnswer } from '@valerix/contracts';
import { useSyncExternalStore } from 'react';
import { fetchJson } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { orderIdOf, placeOrder } from '../ordering/place-order.ts';
import { LoadStore } from './load-store.ts';

const store = new LoadStore({
  place,
  statusOf,
  makeKey: newKey,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: () => performance.now(),
});

// A reload would end the run without a word. The browser ignores the second adding of a listener.
const ask = (event: BeforeUnloadEvent) => event.preventDefault();
store.subscribe(() => {
  if (store.get().state?.running) window.addEventListener('beforeunload', ask);
  else window.removeEventListener('beforeunload', ask);
});

/** The load of this tab. It continues on other pages; the browser asks before the tab is closed or reloaded. */
export function useLoad() {
  const load = useSyncExternalStore(store.subscribe, store.get, store.getServer);
  return { ...load, start: store.start, stop: store.stop };
}

async function place(key: string, itemId: string) {
  const answer = await placeOrder(key, [{ item_id: itemId, quantity: 1 }]);
  return { status: answer.status, order_id: orderIdOf(answer) };
}

async function statusOf(id: string): Promise<OrderStatus | null> {
  try {
    return (await fetchJson(orderAnswer, 'GET', `/api/orders/${id}`)).order.status;
  } catch {
    return null;
  }
}

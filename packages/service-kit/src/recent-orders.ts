/** How many orders are remembered, about 8 MB. A Map with such a flow of entries would keep dead ones alive. */
const SLOTS = 2 ** 14;
/** The last digits of an order's id are random. */
const slotOf = (orderId: string): number => Number.parseInt(orderId.slice(-4), 16) % SLOTS;

/** What this process saw last of recent orders, one thing each. Two orders may share a slot; the later one has it (I13). */
export function createRecentOrders<T extends { order_id: string }>() {
  const slots = new Array<T | undefined>(SLOTS);
  const find = (orderId: string): T | undefined => {
    const one = slots[slotOf(orderId)];
    return one?.order_id === orderId ? one : undefined;
  };
  return {
    find,
    keep(one: T): void {
      slots[slotOf(one.order_id)] = one;
    },
    forget(orderId: string): void {
      if (find(orderId)) slots[slotOf(orderId)] = undefined;
    },
  };
}

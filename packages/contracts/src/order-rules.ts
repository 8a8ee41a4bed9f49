export const ITEM_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** The most distinct items in one order. */
export const MAX_ITEMS_PER_ORDER = 50;
/** The most units of one item in one order. */
export const MAX_QUANTITY = 1000;

/**
 * Every status of an order, the event that announces it, and whether an order in it is settled: only a cancellation can still
 * move it, so a client may stop polling.
 */
export const STATUS_ON_THE_WIRE = {
  pending: { event: 'order.created', settled: false },
  confirmed: { event: 'order.confirmed', settled: true },
  queued: { event: 'order.queued', settled: false },
  compensating: { event: 'order.compensating', settled: false },
  failed: { event: 'order.failed', settled: true },
  cancelling: { event: 'order.cancelling', settled: false },
  cancelled: { event: 'order.cancelled', settled: true },
} as const;

export type OrderStatus = keyof typeof STATUS_ON_THE_WIRE;
/** The statuses in which only a cancellation can still move an order. */
export type SettledStatus = {
  [S in OrderStatus]: (typeof STATUS_ON_THE_WIRE)[S]['settled'] extends true ? S : never;
}[OrderStatus];

export const ORDER_STATUSES = Object.keys(STATUS_ON_THE_WIRE) as [OrderStatus, ...OrderStatus[]];

const SETTLED: ReadonlySet<string> = new Set(ORDER_STATUSES.filter((status) => STATUS_ON_THE_WIRE[status].settled));
const TOLD: ReadonlyMap<string, OrderStatus> = new Map(
  ORDER_STATUSES.map((status) => [STATUS_ON_THE_WIRE[status].event, status]),
);

/** Also false for a status that this version does not know. */
export const isSettled = (status: string): status is SettledStatus => SETTLED.has(status);

/** The status that an event announces; undefined for an event that moves no order. */
export const statusToldBy = (eventType: string): OrderStatus | undefined => TOLD.get(eventType);

/**
 * The canonical form of an order's lines, sorted by item. Two lists that mean the same have the same form. SQL builds it too
 * (`COLLATE "C"`).
 */
export function canonicalLines(lines: ReadonlyArray<{ item_id: string; quantity: number }>): string {
  return [...lines]
    .sort((a, b) => (a.item_id < b.item_id ? -1 : 1))
    .map(({ item_id, quantity }) => `${item_id}:${quantity}`)
    .join(',');
}

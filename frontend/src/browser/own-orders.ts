import { readStored, writeStored } from './storage.ts';

const KEY = 'valerix.orders';
/** The newest stay; a token is 43 characters. */
const KEPT = 200;
const ORDER_PATH = /^\/api\/orders\/([0-9a-f-]{36})(?:\/|$)/i;

/** An order that this browser placed as a guest, with the token that shows it is the guest's. */
export interface OwnOrder {
  readonly id: string;
  readonly token: string;
}

/** The guest's orders of this browser, newest first. */
export function ownOrders(): readonly OwnOrder[] {
  try {
    const list: unknown = JSON.parse(readStored(KEY) ?? '[]');
    return Array.isArray(list) ? list.filter(isOwnOrder).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

/** Keeps an order and its token in this browser. */
export function keepOwnOrder(order: OwnOrder): void {
  const others = ownOrders().filter(({ id }) => id !== order.id);
  writeStored(KEY, JSON.stringify([order, ...others].slice(0, KEPT)));
}

/** The headers that show a guest's order to be this browser's. */
export function ownOrderHeaders(path: string): Record<string, string> {
  const id = ORDER_PATH.exec(path)?.[1]?.toLowerCase();
  const token = id === undefined ? undefined : ownOrders().find((one) => one.id === id)?.token;
  return token === undefined ? {} : { 'order-token': token };
}

const isOwnOrder = (value: unknown): value is OwnOrder => {
  const { id, token } = (value ?? {}) as Partial<OwnOrder>;
  return typeof id === 'string' && typeof token === 'string' && /^[\w-]{1,200}$/.test(token);
};

import { canonicalLines, isSettled, type OrderLine, type OrderStatus, statusToldBy } from '@valerix/contracts';
import { mayMove } from '../order.ts';
import type { PaidOrder } from './check-paid.ts';
import { judgeOrderFacts } from './judge-integrity.ts';

interface Tracked {
  id: string;
  status: OrderStatus | undefined;
  lines: string | undefined;
  deducted: OrderLine[];
  released: OrderLine[];
  /** Time of its last entry by the database's clock, milliseconds. */
  touchedAt: number;
  /** False if its first entries were not seen, or were forgotten: then only the databases can tell. */
  complete: boolean;
  /** Its money is not followed here, so it is asked for once the order is settled. */
  paid: boolean;
  /** What it costs, once that is known. */
  price: Price | undefined;
  suspect: boolean;
  /** It is part of `checked`: a cancellation settles an order a second time. */
  counted: boolean;
}

type Price = Pick<PaidOrder, 'total'> & { currency: string };

/** Orders kept in memory: about 10 MB. The oldest are forgotten, and looked up if they move again. */
const MAX_TRACKED = 20_000;

/**
 * Matches order events with ledger entries, and finds the orders that agree and those that must be looked up. Memory is bounded; no
 * violation is reported from memory alone.
 */
export class OrderReconciler {
  /** Ordered by their last entry. */
  readonly #orders = new Map<string, Tracked>();
  /** Orders that wait to be judged. */
  readonly #open = new Set<Tracked>();
  /** Orders that were forgotten before they were judged. */
  #unseen: string[] = [];
  /** Orders that were looked up, and forgotten, before they were settled: what follows is not all there is of them. */
  readonly #partial = new Set<string>();
  readonly #max: number;
  /** How many orders were found right once they were settled, each counted once. */
  checked = 0;

  constructor(max = MAX_TRACKED) {
    this.#max = max;
  }

  /** How many orders wait to be judged, and the time of the oldest one's last entry. */
  get waiting(): { orders: number; since: number | undefined } {
    let since: number | undefined;
    for (const { touchedAt, status } of this.#open) {
      if (status && isSettled(status)) since = Math.min(since ?? touchedAt, touchedAt);
    }
    return { orders: this.#open.size, since };
  }

  /** The orders that memory alone can not judge after a restart. */
  get unjudged(): string[] {
    return [...this.#unseen, ...[...this.#open].map(({ id }) => id), ...this.#partial];
  }

  event(type: string, orderId: string, at: number, lines: string | undefined, paid = false, price?: Price): void {
    const status = statusToldBy(type);
    if (status === undefined) return;
    const order = this.#touch(orderId, at);
    order.price = price ?? order.price;
    if (status === 'pending') {
      order.complete = order.status === undefined && !this.#partial.has(orderId);
      order.status ??= status;
      order.lines = lines;
      order.paid = paid;
    } else {
      // I9. An order whose last status was forgotten is looked up in the databases.
      if (order.status !== undefined && !mayMove(order.status, status)) order.suspect = true;
      if (order.status === undefined) order.complete = false;
      order.status = status;
    }
  }

  movement(type: 'deduct' | 'release', orderId: string, at: number, line: OrderLine): void {
    const order = this.#touch(orderId, at);
    (type === 'deduct' ? order.deducted : order.released).push(line);
  }

  /**
   * Judges orders that have been quiet on both sides since `quietSince`.
   * @returns the ids that look wrong, or that cannot be judged from memory
   */
  judge(quietSince: number): string[] {
    const doubtful = this.#unseen;
    this.#unseen = [];
    for (const order of this.#open) {
      if (order.touchedAt > quietSince) continue;
      this.#open.delete(order);
      const isOpen = order.status !== undefined && !isSettled(order.status);
      // A settled paid order is judged by `paid`.
      const looksWrong = order.suspect || ((isOpen || !order.paid) && judgeOrderFacts(order).length > 0);
      // An open order: its next event brings it back here. A ledger entry without an order is judged now.
      if (isOpen && !looksWrong) continue;
      const wrong = looksWrong || !order.complete || order.paid;
      if (wrong) doubtful.push(order.id);
      else this.#count(order);
    }
    return doubtful;
  }

  /**
   * Counts an order that was looked up and is right.
   * @param timesSettled how often its timeline has settled it: an order that this memory has forgotten was counted the first time
   */
  countLookedUp(orderId: string, timesSettled: number): void {
    const order = this.#orders.get(orderId);
    if (order?.complete && timesSettled > 0) this.#count(order);
    else if (timesSettled === 1) this.checked++;
  }

  /** The facts about a paid order that was judged, has not moved since, and is right but for its money; otherwise undefined. */
  paid(orderId: string): PaidOrder | undefined {
    const order = this.#orders.get(orderId);
    if (!order?.paid || !order.complete || order.suspect || this.#open.has(order)) return undefined;
    const { id, status = '', lines, deducted, released, price } = order;
    if (!isSettled(status) || judgeOrderFacts(order).length > 0) return undefined;
    // Without its price, no charge at all would look right.
    if (status === 'confirmed' && !price) return undefined;
    const holdsStock = canonicalLines(deducted) === lines && released.length === 0;
    return { id, status, holdsStock, currency: price?.currency ?? null, total: price?.total ?? 0 };
  }

  #count(order: Tracked): void {
    if (!order.counted) this.checked++;
    order.counted = true;
  }

  /** Forgets an order that has been looked up instead. */
  forget(orderId: string): void {
    const order = this.#orders.get(orderId);
    this.#orders.delete(orderId);
    if (order) this.#open.delete(order);
    this.#partial.delete(orderId);
    if (order?.status === undefined || !isSettled(order.status)) this.#partial.add(orderId);
    // The oldest goes, as above.
    const [oldest] = this.#partial;
    if (oldest !== undefined && this.#partial.size > this.#max) this.#partial.delete(oldest);
  }

  #touch(id: string, at: number): Tracked {
    const known = this.#orders.get(id);
    const order = known ?? {
      id,
      status: undefined,
      lines: undefined,
      deducted: [],
      released: [],
      touchedAt: at,
      complete: false,
      paid: false,
      price: undefined,
      suspect: false,
      counted: false,
    };
    order.touchedAt = Math.max(order.touchedAt, at);
    // Insert it again at the end: the least recently touched order is forgotten first.
    if (known) this.#orders.delete(id);
    this.#orders.set(id, order);
    this.#open.add(order);
    if (this.#orders.size > this.#max) this.#forgetOldest();
    return order;
  }

  #forgetOldest(): void {
    const [oldest] = this.#orders.values();
    if (!oldest) return;
    this.#orders.delete(oldest.id);
    if (this.#open.delete(oldest)) this.#unseen.push(oldest.id);
  }
}

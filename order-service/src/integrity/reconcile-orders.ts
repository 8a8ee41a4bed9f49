import { isSettled, type OrderLine, type OrderStatus, statusToldBy } from '@valerix/contracts';
import { mayMove } from '../order.ts';
import { judgeOrderFacts } from './judge-integrity.ts';

interface Tracked {
  id: string;
  status: OrderStatus | undefined;
  lines: string | undefined;
  deducted: OrderLine[];
  released: OrderLine[];
  /** Time of the last entry about it, of the database's clock, milliseconds. */
  touchedAt: number;
  /** False when its beginning was not seen, or was forgotten: then only a look at the databases tells. */
  complete: boolean;
  suspect: boolean;
}

/** Orders that are remembered at once: some 10 MB. The oldest are forgotten, and looked up when they come again. */
const MAX_TRACKED = 20_000;

/**
 * Puts the order events and the ledger together, entry by entry, and says which orders agree and which need a closer look.
 * Memory is bounded; nothing is reported from memory alone.
 */
export class OrderReconciler {
  /** In the order of their last touch. */
  readonly #orders = new Map<string, Tracked>();
  /** What waits to be judged. */
  readonly #open = new Set<Tracked>();
  readonly #max: number;
  checked = 0;

  constructor(max = MAX_TRACKED) {
    this.#max = max;
  }

  /** Orders waiting to be judged, and the time of the oldest one's last entry. */
  get waiting(): { orders: number; since: number | undefined } {
    let since: number | undefined;
    for (const { touchedAt, status } of this.#open) {
      if (status && isSettled(status)) since = Math.min(since ?? touchedAt, touchedAt);
    }
    return { orders: this.#open.size, since };
  }

  event(type: string, orderId: string, at: number, lines: string | undefined): void {
    const status = statusToldBy(type);
    if (status === undefined) return;
    const order = this.#touch(orderId, at);
    if (status === 'pending') {
      order.complete = order.status === undefined;
      order.status ??= status;
      order.lines = lines;
    } else {
      // I9. An order whose last status was forgotten is judged by what the databases say.
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
   * Judges what has been quiet since `quietSince` on both sides. @returns ids that are wrong, or cannot be judged from memory
   */
  judge(quietSince: number): string[] {
    const doubtful: string[] = [];
    for (const order of this.#open) {
      if (order.touchedAt > quietSince) continue;
      // Open in the order service: its end will touch it again. A ledger entry without an order is no such thing.
      if (order.status !== undefined && !isSettled(order.status) && !order.suspect) {
        this.#open.delete(order);
        continue;
      }
      const wrong = order.suspect || !order.complete || judgeOrderFacts(order).length > 0;
      this.#open.delete(order);
      if (wrong) doubtful.push(order.id);
      else this.checked++;
    }
    return doubtful;
  }

  /** Forgets what was believed of an order, which has been looked up instead. */
  forget(orderId: string): void {
    const order = this.#orders.get(orderId);
    this.#orders.delete(orderId);
    if (order) this.#open.delete(order);
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
      suspect: false,
    };
    order.touchedAt = Math.max(order.touchedAt, at);
    // Last touched, last forgotten.
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
    this.#open.delete(oldest);
  }
}

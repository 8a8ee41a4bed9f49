import { isSettled, type OrderStatus, statusToldBy } from '@valerix/contracts';
import { type Violation, violation } from './violation.ts';

/** An order as stored in its database; `events` are the types of its events, oldest first. */
export interface OrderRecord {
  id: string;
  key: string;
  status: OrderStatus;
  reason: string | null;
  /** Canonical: `item:quantity` by item, joined by commas. */
  lines: string;
  responseStatus: number | null;
  deadLettered: boolean;
  events: string[];
  /** True if it is paid at once; false if it is billed on account. */
  paid: boolean;
  /** What a paid order costs: `1299 EUR`; null while a price is not known. */
  total: string | null;
}

/** What the inventory service recorded about one order; `deducted` and `released` are canonical lines of its ledger. */
export interface StockRecord {
  orderId: string;
  decision:
    | {
        outcome: string;
        reason: string | null;
        lines: string;
        released: boolean;
        /** True for a reservation that is neither committed nor released. */
        held: boolean;
        /** What the lines cost at the moment of the decision: `1299 EUR`; null for an older decision. */
        total: string | null;
      }
    | undefined;
  deducted: string;
  released: string;
}

/**
 * The design's rules for each status (I5, I6, I9): where an order goes next, which stock it holds, and whether it waits for the
 * worker. Repeated here on purpose: a checker that read the service's table would repeat its mistakes.
 */
const EXPECTED: Record<
  OrderStatus,
  { next: readonly OrderStatus[]; holds: 'all' | 'nothing' | 'open'; waits: boolean }
> = {
  pending: { next: ['confirmed', 'failed', 'queued', 'compensating'], holds: 'open', waits: false },
  queued: { next: ['confirmed', 'failed', 'compensating', 'cancelling'], holds: 'open', waits: true },
  confirmed: { next: ['cancelling'], holds: 'all', waits: false },
  cancelling: { next: ['cancelled'], holds: 'open', waits: true },
  compensating: { next: ['failed'], holds: 'open', waits: true },
  failed: { next: [], holds: 'nothing', waits: false },
  cancelled: { next: [], holds: 'nothing', waits: false },
};
// The worker's events are no transitions and occur only while an order waits. Other events, such as a fault's mark, may occur
// at any time.
const WORKER_EVENTS: ReadonlySet<string> = new Set(['retry_scheduled', 'dead_lettered', 'redriven']);

/** True when an order that was `earlier` may be `now`: the same, or further on. */
export function mayHaveBecome(earlier: OrderStatus, now: OrderStatus): boolean {
  return earlier === now || EXPECTED[earlier].next.some((next) => mayHaveBecome(next, now));
}

/**
 * Compares one order with its decision and its ledger entries. Pure. Either side may be missing.
 * @param expectSettled also reports an order that is still open (I8)
 */
export function judgeOrder(
  order: OrderRecord | undefined,
  stock: StockRecord | undefined,
  expectSettled: boolean,
): Violation[] {
  const found = stock ? judgeLedger(stock) : [];
  if (!order) return stock ? [...found, judgeOrphan(stock)] : found;
  found.push(...judgeTimeline(order), ...judgeAnswer(order), ...judgeStock(order, stock), ...judgeHold(order, stock));
  if (expectSettled && !isSettled(order.status)) {
    const why = order.deadLettered ? 'a dead letter' : `still ${order.status}`;
    const invariant = order.status === 'compensating' ? 'I18' : 'I8';
    found.push(violation(invariant, 'unsettled', order.id, `the order is ${why}`));
  }
  return found;
}

/** The decision and the ledger of one order agree. */
export function judgeLedger({ orderId, decision, deducted, released }: StockRecord): Violation[] {
  const twice = Object.entries({ deduct: deducted, release: released }).flatMap(([type, lines]) => {
    const items = repeated(lines);
    if (items.length === 0) return [];
    const detail = `the ledger has more than one ${type} of ${items.join(', ')} for the order (${lines})`;
    return [violation('I4', 'duplicated', orderId, detail)];
  });
  if (twice.length > 0) return twice;
  const found: Violation[] = [];
  const drift = (detail: string) => found.push(violation('I4', 'drift', orderId, detail));
  const decided = decision?.outcome === 'applied' ? decision.lines : '';
  if (deducted !== decided) drift(`decided: ${decided || 'nothing'}; deducted in the ledger: ${deducted || 'nothing'}`);
  const givenBack = decision?.released ? decided : '';
  if (released !== givenBack) drift(`to release: ${givenBack || 'nothing'}; released: ${released || 'nothing'}`);
  return found;
}

function judgeOrphan({ orderId, decision, deducted, released }: StockRecord): Violation {
  if (deducted !== released) {
    return violation('I5', 'unexpected', orderId, `stock is deducted (${deducted}) for an order that does not exist`);
  }
  // A void or a refusal took no stock; but only an order that existed can have caused it.
  const decided = decision?.outcome ?? 'ledger only';
  return violation('I7', 'lost', orderId, `there is a decision about an order that does not exist (${decided})`);
}

function judgeStock(order: OrderRecord, stock: StockRecord | undefined): Violation[] {
  const { id, status, lines } = order;
  const { holds } = EXPECTED[status];
  const { deducted, released, decision } = { deducted: '', released: '', decision: undefined, ...stock };
  const wrong = (invariant: 'I5' | 'I6', kind: Violation['class'], detail: string) => [
    violation(invariant, kind, id, detail),
  ];
  if (repeated(deducted).length > 0 || repeated(released).length > 0) {
    if (holds !== 'all') return [];
    return wrong('I5', 'duplicated', `confirmed for ${lines}, but the ledger deducted ${deducted}`);
  }
  if (holds === 'all') {
    if (deducted === lines && released === '') return [];
    const detail = `confirmed for ${lines}; deducted ${deducted || 'nothing'}, released ${released || 'nothing'}`;
    return wrong('I5', deducted === '' ? 'lost' : 'drift', detail);
  }
  if (holds === 'nothing') {
    if (deducted !== released) {
      return wrong('I6', 'drift', `${status}, yet ${deducted} stays deducted (released: ${released || 'nothing'})`);
    }
    if (!decision) {
      return wrong('I6', 'drift', `${status}, but there is no decision: a late deduction would still be applied`);
    }
    return status === 'failed' ? judgeFailure(order, decision) : [];
  }
  // Open: the stock may already be deducted, but only for exactly the lines of the order.
  if (deducted === '' || deducted === lines) return [];
  return wrong('I5', 'drift', `${status} for ${lines}, but ${deducted} is deducted`);
}

/** I17. Only an open paid order holds units. */
function judgeHold({ id, status, paid }: OrderRecord, stock: StockRecord | undefined): Violation[] {
  if (!stock?.decision?.held || (paid && !isSettled(status))) return [];
  return [violation('I17', 'drift', id, `${paid ? status : 'billed on account'}, yet its units are still held for it`)];
}

/** Refusals of the payment service: the stock is given back. `judgeMoney` compares them with the payment. */
export const DECLINES: ReadonlySet<string> = new Set(['CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'PAYMENT_DECLINED']);

/** I12. Only a refusal makes an order fail; an unknown outcome that was voided later does not. */
function judgeFailure({ id, reason, paid }: OrderRecord, decision: NonNullable<StockRecord['decision']>): Violation[] {
  // A paid order that timed out may also have been refused its stock, in an answer that never arrived.
  if (paid && (reason === 'PAYMENT_TIMEOUT' || (DECLINES.has(reason ?? '') && decision.released))) return [];
  if (decision.outcome === 'refused' && decision.reason === reason) return [];
  const decided = [decision.outcome, decision.reason ?? (decision.released && 'released')].filter(Boolean).join(', ');
  const detail = `failed (${reason ?? 'no reason'}), but the inventory service did not refuse it so (${decided})`;
  return [violation('I12', 'misjudged', id, detail)];
}

/** I9. The timeline is a walk through the state machine that ends at the order's status. */
function judgeTimeline({ id, status, events }: OrderRecord): Violation[] {
  const wrong = (detail: string) => [violation('I9', 'misjudged', id, detail)];
  let at: OrderStatus | undefined;
  for (const event of events) {
    const name = event.replace(/^order\./, '');
    const to = statusToldBy(event);
    if (at === undefined) {
      if (to !== 'pending') return wrong(`the timeline starts with ${name}`);
      at = to;
    } else if (to) {
      if (!EXPECTED[at].next.includes(to)) return wrong(`it went from ${at} to ${name} (${events.join(', ')})`);
      at = to;
    } else if (WORKER_EVENTS.has(name) && !EXPECTED[at].waits) {
      return wrong(`${name} while ${at} (${events.join(', ')})`);
    }
  }
  if (at === undefined) return wrong('it has no timeline');
  return at === status ? [] : wrong(`it is ${status}, its timeline ends with ${at}`);
}

/** I10. The stored answer agrees with the order's status and timeline. */
function judgeAnswer({ id, status, events, responseStatus }: OrderRecord): Violation[] {
  const wrong = (detail: string) => [violation('I10', 'replay-mismatch', id, detail)];
  const isRefused = status === 'failed' || status === 'compensating';
  if ((responseStatus ?? 0) >= 400 && !isRefused) return wrong(`refused with ${responseStatus}, but it is ${status}`);
  if (responseStatus === 201 && !events.includes('order.confirmed')) return wrong('answered 201, but never confirmed');
  if (responseStatus === 202 && !events.includes('order.queued')) return wrong('answered 202, but never queued');
  if (!responseStatus && isSettled(status)) return wrong(`it is ${status} and has no answer for its client`);
  return [];
}

/** The items that occur more than once in canonical lines. */
function repeated(lines: string): string[] {
  if (!lines.includes(',')) return [];
  const items = lines.split(',').map((line) => line.slice(0, line.lastIndexOf(':')));
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}

import { isSettled, type OrderStatus, statusToldBy } from '@valerix/contracts';
import type { Violation } from './violation.ts';

/** An order as its database has it; `events` are the types in the order in which they happened. */
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
}

/** What the warehouse has about one order; `deducted` and `released` are canonical lines of its ledger. */
export interface WarehouseRecord {
  orderId: string;
  decision: { outcome: string; reason: string | null; lines: string; released: boolean } | undefined;
  deducted: string;
  released: string;
}

/**
 * What the design says of each status (I5, I6, I9): where an order goes next, what it holds of the stock, and whether the worker
 * has it in hand. Written here a second time on purpose: a checker that read the service's table would repeat its mistakes.
 */
const EXPECTED: Record<
  OrderStatus,
  { next: readonly OrderStatus[]; holds: 'all' | 'nothing' | 'open'; waits: boolean }
> = {
  pending: { next: ['confirmed', 'failed', 'queued'], holds: 'open', waits: false },
  queued: { next: ['confirmed', 'failed', 'cancelling'], holds: 'open', waits: true },
  confirmed: { next: ['cancelling'], holds: 'all', waits: false },
  cancelling: { next: ['cancelled'], holds: 'open', waits: true },
  failed: { next: [], holds: 'nothing', waits: false },
  cancelled: { next: [], holds: 'nothing', waits: false },
};
// Events of the worker, which are no transitions and happen to waiting orders only. Other events, such as marks of a fault, may
// stand anywhere.
const WORKER_EVENTS: ReadonlySet<string> = new Set(['retry_scheduled', 'dead_lettered', 'redriven']);

/** True when an order that was `earlier` may be `now`: the same, or further on. */
export function mayHaveBecome(earlier: OrderStatus, now: OrderStatus): boolean {
  return earlier === now || EXPECTED[earlier].next.some((next) => mayHaveBecome(next, now));
}

/**
 * Holds one order against what the warehouse has about it; pure. Either side may be missing.
 * @param expectSettled also reports an order that has not come to an end (I8)
 */
export function judgeOrder(
  order: OrderRecord | undefined,
  warehouse: WarehouseRecord | undefined,
  expectSettled: boolean,
): Violation[] {
  const found: Violation[] = [];
  if (warehouse) found.push(...judgeLedger(warehouse));
  if (!order) {
    if (warehouse) found.push(...judgeOrphan(warehouse));
    return found;
  }
  found.push(...judgeTimeline(order), ...judgeAnswer(order), ...judgeStock(order, warehouse));
  if (expectSettled && !isSettled(order.status)) {
    const why = order.deadLettered ? 'put away as a dead letter' : `still ${order.status}`;
    found.push({ invariant: 'I8', class: 'unsettled', subject: order.id, detail: `the order is ${why}` });
  }
  return found;
}

/** The decision and the ledger of one order tell the same. */
export function judgeLedger({ orderId: subject, decision, deducted, released }: WarehouseRecord): Violation[] {
  const found: Violation[] = [];
  for (const [type, lines] of [['deduct', deducted] as const, ['release', released] as const]) {
    const twice = repeated(lines);
    if (twice.length === 0) continue;
    const detail = `the ledger has more than one ${type} of ${twice.join(', ')} for the order (${lines})`;
    found.push({ invariant: 'I4', class: 'duplicated', subject, detail });
  }
  if (found.length > 0) return found;
  const drift = (detail: string) => found.push({ invariant: 'I4', class: 'drift', subject, detail });
  const decided = decision?.outcome === 'applied' ? decision.lines : '';
  if (deducted !== decided) drift(`decided: ${decided || 'nothing'}; deducted in the ledger: ${deducted || 'nothing'}`);
  const givenBack = decision?.released ? decided : '';
  if (released !== givenBack) drift(`to release: ${givenBack || 'nothing'}; released: ${released || 'nothing'}`);
  return found;
}

function judgeOrphan({ orderId: subject, decision, deducted, released }: WarehouseRecord): Violation[] {
  if (deducted === released) {
    // A void, or a refusal, of an order nobody has: nothing was taken, yet nobody can have asked for it either.
    const detail = `the warehouse decided about an order that does not exist (${decision?.outcome ?? 'ledger only'})`;
    return [{ invariant: 'I7', class: 'lost', subject, detail }];
  }
  const detail = `stock is deducted (${deducted}) for an order that does not exist`;
  return [{ invariant: 'I5', class: 'unexpected', subject, detail }];
}

function judgeStock(order: OrderRecord, warehouse: WarehouseRecord | undefined): Violation[] {
  const { id: subject, status, lines } = order;
  const { holds } = EXPECTED[status];
  const deducted = warehouse?.deducted ?? '';
  const released = warehouse?.released ?? '';
  if (repeated(deducted).length > 0 || repeated(released).length > 0) {
    if (holds !== 'all') return [];
    const detail = `confirmed for ${lines}, but the ledger deducted ${deducted}`;
    return [{ invariant: 'I5', class: 'duplicated', subject, detail }];
  }
  if (holds === 'all') {
    if (deducted === lines && released === '') return [];
    const detail = `confirmed for ${lines}; deducted ${deducted || 'nothing'}, released ${released || 'nothing'}`;
    return [{ invariant: 'I5', class: deducted === '' ? 'lost' : 'drift', subject, detail }];
  }
  if (holds === 'nothing') {
    if (deducted !== released) {
      const detail = `${status}, yet ${deducted} stays deducted (released: ${released || 'nothing'})`;
      return [{ invariant: 'I6', class: 'drift', subject, detail }];
    }
    if (!warehouse?.decision) {
      const detail = `${status}, but the warehouse decided nothing: a late deduction would still be applied`;
      return [{ invariant: 'I6', class: 'drift', subject, detail }];
    }
    return status === 'failed' ? judgeFailure(order, warehouse.decision) : [];
  }
  // Open. What is deducted may be claimed later, but never something else than was ordered.
  if (deducted === '' || deducted === lines) return [];
  const detail = `${status} for ${lines}, but ${deducted} is deducted`;
  return [{ invariant: 'I5', class: 'drift', subject, detail }];
}

/** I12. Only a refusal makes an order fail: an outcome that was unknown, and then made void, does not. */
function judgeFailure(
  { id: subject, reason }: OrderRecord,
  decision: NonNullable<WarehouseRecord['decision']>,
): Violation[] {
  if (decision.outcome === 'refused' && decision.reason === reason) return [];
  const decided = [decision.outcome, decision.reason ?? (decision.released && 'released')].filter(Boolean).join(', ');
  const detail = `failed (${reason ?? 'no reason'}), but the warehouse did not refuse it so (${decided})`;
  return [{ invariant: 'I12', class: 'misjudged', subject, detail }];
}

/** I9. The timeline is a walk through the state machine that ends where the order is. */
function judgeTimeline({ id: subject, status, events }: OrderRecord): Violation[] {
  const wrong = (detail: string): Violation[] => [{ invariant: 'I9', class: 'misjudged', subject, detail }];
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

/** I10. The answer that is kept fits what became of the order. */
function judgeAnswer({ id: subject, status, events, responseStatus }: OrderRecord): Violation[] {
  const wrong = (detail: string): Violation[] => [{ invariant: 'I10', class: 'replay-mismatch', subject, detail }];
  const answered = responseStatus ?? 0;
  if (answered === 422 && status !== 'failed') return wrong(`refused with 422, but it is ${status}`);
  if (answered === 201 && !events.includes('order.confirmed')) return wrong('answered 201, but it was never confirmed');
  if (answered === 202 && !events.includes('order.queued')) return wrong('answered 202, but it was never queued');
  if (!answered && isSettled(status)) return wrong(`it is ${status} and has no answer for its client`);
  return [];
}

/** The items that occur more than once in canonical lines. */
function repeated(lines: string): string[] {
  if (!lines.includes(',')) return [];
  const items = lines.split(',').map((line) => line.slice(0, line.lastIndexOf(':')));
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}

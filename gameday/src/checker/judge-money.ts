import type { OrderStatus } from '@valerix/contracts';
import { DECLINES, type OrderRecord, type StockRecord } from './judge-order.ts';
import { type Violation, violation } from './violation.ts';

/** Amounts of one ledger about one order, in the order of their booking: `1299 EUR`. */
export interface Booked {
  charged: readonly string[];
  refunded: readonly string[];
}

/** What the payment service and its provider recorded about one order. */
export interface MoneyRecord {
  orderId: string;
  payment:
    | { outcome: string | null; reason: string | null; amount: string | null; waitsFor: 'charge' | 'refund' | null }
    | undefined;
  ledger: Booked;
  /** The provider's own books: the third truth. */
  provider: Booked;
}

/** The design's rules for each status of a paid order (I15, I16). Repeated here on purpose, as in `judge-order.ts`. */
const MONEY: Record<OrderStatus, 'kept' | 'none' | 'open'> = {
  pending: 'open',
  queued: 'open',
  confirmed: 'kept',
  compensating: 'open',
  cancelling: 'open',
  failed: 'none',
  cancelled: 'none',
};

/**
 * Compares one order with its payment and the provider's books, to the cent: I14 to I16. Pure. Any side may be missing.
 * @param expectSettled also reports a payment that is still open (I18)
 */
export function judgeMoney(
  order: OrderRecord | undefined,
  stock: StockRecord | undefined,
  money: MoneyRecord | undefined,
  expectSettled: boolean,
): Violation[] {
  if (!money) return order?.paid && MONEY[order.status] === 'kept' ? [lost(order, 'there is no payment')] : [];
  const found = [...judgeOnce(money), ...judgeBooks(money, expectSettled)];
  if (found.length > 0) return found;
  if (!order) return netOf(money.provider) > 0 ? [unexpected(money)] : [];
  found.push(...judgeAmounts(order, stock, money), ...judgeStatus(order, stock, money));
  if (expectSettled && money.payment?.waitsFor) {
    const detail = `the payment still waits for its ${money.payment.waitsFor}`;
    found.push(violation('I18', 'unsettled', order.id, detail));
  }
  return found;
}

const lost = ({ id, status, total }: OrderRecord, why: string) =>
  violation('I15', 'lost', id, `${status} for ${total ?? 'an unknown total'}; ${why}`);

const unexpected = ({ orderId, provider }: MoneyRecord) =>
  violation('I15', 'unexpected', orderId, `${provider.charged.join(', ')} is charged for an order that does not exist`);

const netOf = ({ charged, refunded }: Booked): number => charged.length - refunded.length;

/** I14: at most one charge and one refund, in each of the two books. */
function judgeOnce({ orderId, ledger, provider }: MoneyRecord): Violation[] {
  return Object.entries({ 'our ledger says': ledger, "the provider's books say": provider }).flatMap(([who, booked]) =>
    Object.entries(booked).flatMap(([what, entries]) =>
      entries.length > 1
        ? [
            violation(
              'I14',
              'duplicated',
              orderId,
              `${who} it was ${what} ${entries.length} times: ${entries.join(', ')}`,
            ),
          ]
        : [],
    ),
  );
}

/** I14: our ledger never has what the provider does not have; and once all is settled, the two are equal. */
function judgeBooks({ orderId, ledger, provider }: MoneyRecord, expectSettled: boolean): Violation[] {
  return (['charged', 'refunded'] as const).flatMap((what) => {
    const [ours, theirs] = [ledger[what].join(', '), provider[what].join(', ')];
    if (ours === theirs || (!expectSettled && ours === '')) return [];
    const detail = `${what}: ours ${ours || 'nothing'}, the provider's ${theirs || 'nothing'}`;
    return [violation('I14', 'drift', orderId, detail)];
  });
}

/** I14: each amount is exactly what the order costs by the warehouse's decision, in its currency. */
function judgeAmounts(
  { id, total }: OrderRecord,
  stock: StockRecord | undefined,
  { payment, ledger, provider }: MoneyRecord,
): Violation[] {
  const price = stock?.decision?.total ?? total;
  const amounts = [payment?.amount, ...ledger.charged, ...ledger.refunded, ...provider.charged, ...provider.refunded];
  const wrong = [total, ...amounts].find((amount) => amount != null && amount !== price);
  if (wrong == null) return [];
  return [
    violation('I14', 'drift', id, `the order costs ${price ?? 'an unknown amount'}; charged or written is ${wrong}`),
  ];
}

function judgeStatus(order: OrderRecord, stock: StockRecord | undefined, money: MoneyRecord): Violation[] {
  const { id, status } = order;
  const { payment, provider } = money;
  const wrong = (invariant: 'I15' | 'I16', kind: Violation['class'], detail: string) => [
    violation(invariant, kind, id, `${status}; ${detail}`),
  ];
  const held = stock !== undefined && stock.deducted !== '' && stock.released === '';
  const kept = netOf(provider) > 0;
  if (kept && !order.paid) return wrong('I15', 'unexpected', 'money is taken for an order that is billed on account');
  if (MONEY[status] === 'kept' && order.paid && !kept) return [lost(order, 'no money is kept')];
  if (MONEY[status] === 'none' && kept) return wrong('I16', 'drift', `${provider.charged.join(', ')} stays charged`);
  if (MONEY[status] === 'none' && (payment?.outcome === null || payment?.waitsFor === 'charge')) {
    return wrong('I16', 'drift', 'a charge can still arrive');
  }
  if (status === 'failed' && DECLINES.has(order.reason ?? '') && payment?.outcome !== 'refused') {
    const detail = `failed (${order.reason}), but the payment was not refused (${payment?.outcome ?? 'no decision'})`;
    return [violation('I12', 'misjudged', id, detail)];
  }
  // I15: money is never held without the stock it is for.
  if (kept && !held) return wrong('I15', 'drift', `${provider.charged.join(', ')} is charged, and no stock is held`);
  return [];
}

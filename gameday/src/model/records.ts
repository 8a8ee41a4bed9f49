import { canonicalLines } from '@valerix/contracts';
import type { Booked, MoneyRecord } from '../checker/judge-money.ts';
import type { OrderRecord, StockRecord } from '../checker/judge-order.ts';
import { CURRENCY, type Kind, ORDER, priceOf, totalIn, type World } from './world.ts';

const inWords = (cents: number | null): string | null => (cents === null ? null : `${cents} ${CURRENCY}`);

/** The order as the checker reads it from the databases and from the provider's books. */
export function recordsOf(world: World, kind: Kind) {
  return { order: orderOf(world, kind), stock: stockOf(world), money: moneyOf(world, kind) };
}

function orderOf({ row, decision }: World, { lines, paid }: Kind): OrderRecord | undefined {
  if (!row) return undefined;
  return {
    id: ORDER,
    key: ORDER,
    status: row.status,
    reason: row.reason,
    lines: canonicalLines(lines),
    responseStatus: row.answer,
    deadLettered: false,
    events: [...row.events],
    paid,
    total: row.status === 'confirmed' ? inWords(totalIn(decision)) : null,
  };
}

function stockOf({ decision, ledger }: World): StockRecord | undefined {
  if (!decision && ledger.length === 0) return undefined;
  const moved = (type: 'deduct' | 'release') =>
    canonicalLines(
      ledger
        .filter(({ transaction_type }) => transaction_type === type)
        .map(({ item_id, quantity_change }) => ({ item_id, quantity: Math.abs(quantity_change) })),
    );
  return {
    orderId: ORDER,
    decision: decision
      ? {
          outcome: decision.outcome,
          reason: decision.reason,
          lines: decision.outcome === 'voided' ? '' : canonicalLines(decision.items),
          released: decision.released_at !== null,
          held: decision.held,
          total: inWords(totalIn(decision)),
        }
      : undefined,
    deducted: moved('deduct'),
    released: moved('release'),
  };
}

function moneyOf(world: World, kind: Kind): MoneyRecord | undefined {
  const { payment, ledger, books } = world.money;
  if (!payment && books.length === 0) return undefined;
  const total = inWords(priceOf(world, kind).amount_cents) as string;
  const ours = (type: 'charge' | 'refund') =>
    ledger.filter((one) => one.transaction_type === type).map((one) => inWords(Math.abs(one.amount_change)) as string);
  const theirs = (type: 'charge' | 'refund') => books.filter((entry) => entry === type).map(() => total);
  const booked = (of: typeof ours): Booked => ({ charged: of('charge'), refunded: of('refund') });
  return {
    orderId: ORDER,
    payment: payment
      ? {
          outcome: payment.outcome,
          reason: payment.reason,
          amount: inWords(payment.amount_cents),
          waitsFor: payment.waits_for,
        }
      : undefined,
    ledger: booked(ours),
    provider: booked(theirs),
  };
}

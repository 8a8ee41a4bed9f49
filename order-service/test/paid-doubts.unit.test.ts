import type { LedgerEntry, PaymentEntry } from '@valerix/contracts';
import { createLogger } from '@valerix/service-kit/logger';
import { describe, expect, it, vi } from 'vitest';
import type { AuditedOrder } from '../src/integrity/integrity-store.ts';
import { OrderReconciler } from '../src/integrity/reconcile-orders.ts';
import { Doubts } from '../src/integrity/settle-doubts.ts';
import { noCounts, ViolationBook } from '../src/integrity/violation-book.ts';

const ID = '0198c0de-0000-7000-8000-000000000001';
const PRICE = { currency: 'EUR', total: 500 };
const at = { order_id: ID, position: '1.1', created_at: '2026-01-01T00:00:00Z' };
const TAKEN: LedgerEntry = {
  ...at,
  transaction_type: 'deduct',
  item_id: 'ps5',
  quantity_change: -1,
  restock_id: null,
};
const CHARGE: PaymentEntry = { ...at, transaction_type: 'charge', amount_change: 500, currency: 'EUR' };
const REFUND: PaymentEntry = { ...at, transaction_type: 'refund', amount_change: -500, currency: 'EUR' };

/** The audit of one paid order that both streams show as confirmed, with its stock taken. */
function auditOf({ money = [CHARGE], held = false }: { money?: PaymentEntry[] | 'away'; held?: boolean }) {
  const order: AuditedOrder = {
    order_id: ID,
    status: 'confirmed',
    lines: 'ps5:1',
    paid: true,
    currency: PRICE.currency,
    total_cents: PRICE.total,
    events: ['order.created', 'order.confirmed'],
  };
  const findAll = vi.fn(async () => [order]);
  const now = () => new Date();
  const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });
  const memory = { violations: [], counts: noCounts(), incomplete: false, reading_again: false };
  const book = new ViolationBook({ logger, now }, memory);
  const doubts = new Doubts(
    {
      store: { findAll, goneBefore: async () => '' },
      ledger: {
        ofOrders: async (_ids, only) => (only && !held ? [] : [{ ...TAKEN, held }]),
        stock: async () => ({ items: [], next_cursor: null }),
      },
      money: {
        ofOrders: async () => {
          if (money === 'away') throw new Error('the payment service does not answer');
          return money;
        },
      },
      book,
      intervalMs: 1,
      now,
      signal: new AbortController().signal,
    },
    [],
  );
  const orders = new OrderReconciler();
  orders.event('order.created', ID, 0, 'ps5:1', true);
  orders.movement('deduct', ID, 0, { item_id: 'ps5', quantity: 1 });
  orders.event('order.confirmed', ID, 0, undefined, false, PRICE);
  return { doubts, orders, book, findAll, judge: () => doubts.judgeOrders(orders, 0) };
}

describe('a paid order whose stock is right', () => {
  it('is counted after its money and its reservation were asked for, and not looked up', async () => {
    const { judge, orders, doubts, book, findAll } = auditOf({});
    await judge();
    expect([orders.checked, doubts.open, book.size]).toEqual([1, [], 0]);
    expect(findAll).not.toHaveBeenCalled();
  });

  it.each([
    ['is not charged', 'I15', { money: [] }],
    ['was refunded', 'I15', { money: [CHARGE, REFUND] }],
    ['is charged twice', 'I14', { money: [CHARGE, CHARGE] }],
    ['is charged another amount', 'I14', { money: [{ ...CHARGE, amount_change: 499 }] }],
    ['still holds its reservation', 'I17', { held: true }],
  ])('and that %s is looked up in full, and reported (%s)', async (_, invariant, wrong) => {
    const { judge, book, findAll } = auditOf(wrong);
    await judge();
    expect(findAll).toHaveBeenCalledTimes(2);
    expect(book.list().map((violation) => violation.invariant)).toEqual([invariant]);
  });

  it('is not judged by what was read before it moved', async () => {
    const { orders } = auditOf({});
    expect(orders.judge(0)).toEqual([ID]);
    expect(orders.paid(ID)).toEqual({ id: ID, status: 'confirmed', holdsStock: true, ...PRICE });
    orders.event('order.cancelling', ID, 1, undefined);
    expect(orders.paid(ID)).toBeUndefined();
  });

  it('stays in doubt while the payment service does not answer', async () => {
    const { judge, orders, doubts } = auditOf({ money: 'away' });
    await expect(judge()).rejects.toThrow('does not answer');
    expect([orders.checked, doubts.open]).toEqual([0, [ID]]);
  });
});

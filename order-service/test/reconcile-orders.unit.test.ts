import { describe, expect, it } from 'vitest';
import { OrderReconciler } from '../src/integrity/reconcile-orders.ts';
import { StockReconciler } from '../src/integrity/reconcile-stock.ts';

const PS5 = { item_id: 'ps5', quantity: 1 };
const XBOX = { item_id: 'xbox', quantity: 2 };
const LINES = 'ps5:1,xbox:2';

function confirmed(reconciler: OrderReconciler, id: string, at = 0): void {
  reconciler.event('order.created', id, at, LINES);
  reconciler.movement('deduct', id, at, PS5);
  reconciler.movement('deduct', id, at, XBOX);
  reconciler.event('order.confirmed', id, at, undefined);
}

describe('the order reconciler', () => {
  it('should count an order whose ledger agrees, and remember nothing against it', () => {
    const orders = new OrderReconciler();
    confirmed(orders, 'a');
    expect(orders.judge(0)).toEqual([]);
    expect(orders.checked).toBe(1);
    expect(orders.waiting.orders).toBe(0);
  });

  it('should not judge what moved a moment ago', () => {
    const orders = new OrderReconciler();
    orders.event('order.created', 'a', 100, LINES);
    orders.event('order.confirmed', 'a', 100, undefined);
    expect(orders.judge(99)).toEqual([]);
    expect(orders.judge(100)).toEqual(['a']);
  });

  it('should doubt an order whose deduction comes twice, even after it was found well', () => {
    const orders = new OrderReconciler();
    confirmed(orders, 'a');
    expect(orders.judge(0)).toEqual([]);
    orders.movement('deduct', 'a', 1, PS5);
    expect(orders.judge(1)).toEqual(['a']);
  });

  it('should follow an order through its cancellation', () => {
    const orders = new OrderReconciler();
    confirmed(orders, 'a');
    orders.event('order.cancelling', 'a', 1, undefined);
    expect(orders.judge(1)).toEqual([]);
    orders.movement('release', 'a', 2, PS5);
    orders.movement('release', 'a', 2, XBOX);
    orders.event('order.cancelled', 'a', 2, undefined);
    expect(orders.judge(2)).toEqual([]);
    expect(orders.checked).toBe(1);
  });

  it('should count an order once, though its cancellation settles it a second time', () => {
    const orders = new OrderReconciler(2);
    confirmed(orders, 'a');
    orders.judge(0);
    orders.event('order.cancelling', 'a', 1, undefined);
    for (const line of [PS5, XBOX]) orders.movement('release', 'a', 1, line);
    orders.event('order.cancelled', 'a', 1, undefined);
    expect(orders.judge(1)).toEqual([]);
    expect(orders.checked).toBe(1);
    // An order that memory has forgotten, as after a restart, is looked up.
    orders.event('order.cancelled', 'old', 2, undefined);
    expect(orders.judge(2)).toEqual(['old']);
    orders.countLookedUp('old', 2);
    expect(orders.checked).toBe(1);
    orders.countLookedUp('older', 1);
    expect(orders.checked).toBe(2);
  });

  it('should doubt a move against the state machine, and a deduction of an unknown order', () => {
    const orders = new OrderReconciler();
    confirmed(orders, 'a');
    orders.event('order.failed', 'a', 0, undefined);
    orders.movement('deduct', 'b', 0, PS5);
    expect(orders.judge(0)).toEqual(['a', 'b']);
  });

  it('should doubt an order that it forgets before it was judged', () => {
    const orders = new OrderReconciler(2);
    for (const id of ['a', 'b', 'c']) confirmed(orders, id);
    expect(orders.unjudged).toEqual(['a', 'b', 'c']);
    expect(orders.judge(0)).toEqual(['a']);
    expect(orders.judge(0)).toEqual([]);
    expect(orders.checked).toBe(2);
  });

  it('should forget the oldest, and doubt it when it comes again', () => {
    const orders = new OrderReconciler(2);
    for (const id of ['a', 'b', 'c']) {
      confirmed(orders, id);
      expect(orders.judge(0)).toEqual([]);
    }
    orders.event('order.cancelling', 'a', 1, undefined);
    orders.event('order.cancelled', 'a', 1, undefined);
    expect(orders.judge(1)).toEqual(['a']);
  });
});

describe('the stock reconciler', () => {
  const shown = (quantity: number, taken_quantity: number) => [{ item_id: 'ps5', quantity, taken_quantity }];

  function seeded(): StockReconciler {
    const stock = new StockReconciler(8_000);
    stock.entry('seed', 'ps5', 100);
    stock.mark();
    return stock;
  }

  it('should accept every sum the ledger went through while the stock was read', () => {
    const stock = seeded();
    for (let taken = 0; taken < 5; taken++) stock.entry('deduct', 'ps5', 1);
    for (const reserved of [0, 3, 5]) expect(stock.judge(shown(100 - reserved, reserved), 0)).toEqual([]);
  });

  it('should not take restocks for a loss, however quickly they follow each other', () => {
    const stock = seeded();
    for (const now of [500, 1_000, 1_500]) {
      const before = shown(50 + now / 10, 0);
      stock.entry('restock', 'ps5', 50);
      expect(stock.judge(before, now)).toEqual([]);
      stock.mark();
    }
  });

  it('should report units that vanished at the second look', () => {
    const stock = seeded();
    expect(stock.judge(shown(99, 0), 0)).toEqual([]);
    expect(stock.judge(shown(99, 0), 500)).toMatchObject([{ invariant: 'I1', subject: 'ps5' }]);
  });

  it('should give the ledger time to show a restock', () => {
    const stock = seeded();
    expect(stock.judge(shown(150, 0), 0)).toEqual([]);
    expect(stock.judge(shown(150, 0), 5_000)).toEqual([]);
    expect(stock.judge(shown(150, 0), 8_000)).toHaveLength(1);
    stock.entry('restock', 'ps5', 50);
    expect(stock.judge(shown(150, 0), 8_500)).toEqual([]);
  });
});

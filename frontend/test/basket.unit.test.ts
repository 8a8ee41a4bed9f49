import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadItems } from '../src/catalogue/use-stock.ts';
import {
  answerAttempt,
  type Basket,
  dropAttempt,
  EMPTY_BASKET,
  loadBasket,
  setPayment,
  setQuantity,
  startAttempt,
  withOtherContent,
} from '../src/shop/basket.ts';

let made = 0;
const makeKey = () => `key-${++made}`;
const filled = setQuantity(EMPTY_BASKET, 'ps5', 2);
const reload = (basket: Basket) => loadBasket(JSON.stringify(basket));

describe('the key of an attempt', () => {
  it.each([0, 409, 429, 502, 503, 504, 500])('stays over an answer of %d, a reload and a retry', (status) => {
    const first = startAttempt(filled, makeKey);
    const again = startAttempt(reload(answerAttempt(reload(first), status)), makeKey);
    expect(again.attempt).toEqual(first.attempt);
  });

  it('survives a reload while the answer is under way', () => {
    const first = startAttempt(filled, makeKey);
    expect(reload(first).attempt).toEqual({ key: first.attempt.key, lines: filled.lines, pay: null, sent: true });
  });

  it.each([201, 202])('is done with after %d: the cart is empty and the next attempt has another', (status) => {
    const first = startAttempt(filled, makeKey);
    const answered = answerAttempt(first, status);
    expect(answered).toEqual({ lines: [], pay: null, attempt: null, last: first.attempt });
    expect(startAttempt(setQuantity(answered, 'ps5', 2), makeKey).attempt.key).not.toBe(first.attempt.key);
  });

  it('is another for another way to pay, which stays over a reload and a retry', () => {
    const first = startAttempt(filled, makeKey);
    const paid = startAttempt(setPayment(first, 'tok_ok'), makeKey);
    expect(paid.attempt).toMatchObject({ pay: 'tok_ok', lines: filled.lines });
    expect(paid.attempt.key).not.toBe(first.attempt.key);
    expect(startAttempt(reload(paid), makeKey).attempt).toEqual(paid.attempt);
    expect(answerAttempt(paid, 402)).toMatchObject({ attempt: null, lines: filled.lines, pay: 'tok_ok' });
  });

  it('ends with a refusal, and the lines stay', () => {
    const first = startAttempt(filled, makeKey);
    const answered = answerAttempt(first, 422);
    expect(answered).toMatchObject({ lines: filled.lines, attempt: null, last: first.attempt });
    expect(answerAttempt(first, 400)).toMatchObject({ attempt: null, last: null });
  });

  it('changes with the content: another order is another intention', () => {
    const first = startAttempt(filled, makeKey);
    const changed = startAttempt(setQuantity(first, 'ps5', 3), makeKey);
    expect(changed.attempt.key).not.toBe(first.attempt.key);
    expect(startAttempt(dropAttempt(first), makeKey).attempt.key).not.toBe(first.attempt.key);
  });

  it('never belongs to two different orders, after any actions', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), item: fc.constantFrom('a', 'b'), quantity: fc.nat(3) }),
      fc.record({ kind: fc.constant('send' as const), status: fc.constantFrom(0, 201, 202, 400, 409, 422, 429, 503) }),
      fc.record({ kind: fc.constant('reload' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const sentUnder = new Map<string, string>();
        let basket: Basket = EMPTY_BASKET;
        for (const one of steps) {
          if (one.kind === 'set') basket = setQuantity(basket, one.item, one.quantity);
          else if (one.kind === 'reload') basket = reload(basket);
          else if (basket.lines.length > 0) {
            const started = startAttempt(basket, makeKey);
            const content = JSON.stringify(started.attempt.lines);
            expect(sentUnder.get(started.attempt.key) ?? content).toBe(content);
            sentUnder.set(started.attempt.key, content);
            basket = answerAttempt(started, one.status);
          }
        }
      }),
    );
  });
});

describe('a basket', () => {
  it('is empty if the stored text is not valid', () => {
    for (const text of [null, '', '{', '[]', '{"lines":[{"item_id":"PS5","quantity":0}]}']) {
      expect(loadBasket(text)).toEqual(EMPTY_BASKET);
    }
  });

  it('offers no stored items if their text is not valid', () => {
    for (const text of [null, '', '{', '{}', '[{"item_id":"ps5"}]']) expect(loadItems(text)).toEqual([]);
  });

  it('is changed line by line', () => {
    const two = setQuantity(filled, 'xbox', 1);
    expect(setQuantity(two, 'ps5', 5).lines).toEqual([
      { item_id: 'ps5', quantity: 5 },
      { item_id: 'xbox', quantity: 1 },
    ]);
    expect(setQuantity(two, 'ps5', 0).lines).toEqual([{ item_id: 'xbox', quantity: 1 }]);
    expect(withOtherContent(two.lines)[0]).toEqual({ item_id: 'ps5', quantity: 3 });
  });
});

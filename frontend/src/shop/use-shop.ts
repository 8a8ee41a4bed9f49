import { useQueryClient } from '@tanstack/react-query';
import type { OrderLine } from '@valerix/contracts';
import { HEADER } from '@valerix/contracts/plain';
import { useEffect, useRef, useState } from 'react';
import type { Answer } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { keepOwnOrder } from '../browser/own-orders.ts';
import { readStored, writeStored } from '../browser/storage.ts';
import { orderIdOf, placeOrder } from '../ordering/place-order.ts';
import * as baskets from './basket.ts';

const KEY = 'valerix.basket';

/** A sent request and its answer: `null` while under way. */
export interface Sent {
  readonly id: string;
  readonly what: string;
  readonly key: string;
  readonly answer: Answer | null;
}

export type Shop = ReturnType<typeof useShop>;

/** The cart, which this browser keeps with its key, and the sent requests. */
export function useShop() {
  const [basket, setBasket] = useState<baskets.Basket | null>(null);
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const current = useRef<baskets.Basket>(baskets.EMPTY_BASKET);
  const busy = sent.some((one) => one.answer === null);
  const client = useQueryClient();

  const save = (next: baskets.Basket) => {
    current.current = next;
    writeStored(KEY, JSON.stringify(next));
    setBasket(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stored cart is read once
  useEffect(() => save(baskets.loadBasket(readStored(KEY))), []);
  // All tabs share the cart, so that no tab repeats the order of another.
  useEffect(() => {
    const changed = ({ key, newValue }: StorageEvent) => {
      if (key !== KEY) return;
      current.current = baskets.loadBasket(newValue);
      setBasket(current.current);
    };
    window.addEventListener('storage', changed);
    return () => window.removeEventListener('storage', changed);
  }, []);

  const transmit = async (
    what: string,
    key: string,
    items: readonly OrderLine[],
    pay: string | null,
  ): Promise<Answer> => {
    const id = newKey();
    setSent((before) => [{ id, what, key, answer: null }, ...before].slice(0, 6));
    const answer = await placeOrder(key, items, pay);
    const [orderId, token] = [orderIdOf(answer), answer.headers[HEADER.orderToken]];
    if (orderId !== null && token !== undefined) keepOwnOrder({ id: orderId, token });
    setSent((before) => before.map((one) => (one.id === id ? { ...one, answer } : one)));
    void client.invalidateQueries({ queryKey: ['inventory'] });
    return answer;
  };

  const place = async (times: number) => {
    if (current.current.lines.length === 0) return;
    // Saved before it is sent, so that the key survives a reload.
    const started = baskets.startAttempt(current.current, newKey);
    save(started);
    const { key, lines, pay } = started.attempt;
    const tries = Array.from({ length: times }, (_, index) =>
      transmit(times === 1 ? 'Order' : `Order, request ${index + 1} of ${times}`, key, lines, pay),
    );
    const answers = await Promise.all(tries);
    const final = answers.find((one) => [201, 202, 402, 422, 400].includes(one.status)) ?? answers[0];
    if (final === undefined || current.current.attempt?.key !== key) return;
    save(baskets.answerAttempt(current.current, final.status));
  };

  const last = basket?.last ?? null;
  return {
    basket,
    sent,
    busy,
    setQuantity: (itemId: string, quantity: number) => save(baskets.setQuantity(current.current, itemId, quantity)),
    setPayment: (pay: string | null) => save(baskets.setPayment(current.current, pay)),
    place,
    giveUp: () => save(baskets.dropAttempt(current.current)),
    clear: () => save({ ...current.current, lines: [], attempt: null }),
    retry: last && {
      same: () => transmit('Same key, same order', last.key, last.lines, last.pay),
      other: () => transmit('Same key, other order', last.key, baskets.withOtherContent(last.lines), last.pay),
    },
  };
}

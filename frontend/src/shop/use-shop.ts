'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { OrderLine } from '@valerix/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readStored, writeStored } from '../browser/hooks.ts';
import type { Answer } from '../browser/http.ts';
import { newKey } from '../browser/new-key.ts';
import { placeOrder } from '../ordering/place-order.ts';
import {
  answerAttempt,
  type Basket,
  dropAttempt,
  EMPTY_BASKET,
  loadBasket,
  setQuantity,
  startAttempt,
  withOtherContent,
} from './basket.ts';

const KEY = 'valerix.basket';

/** One request that was sent, and what came back. `answer` is `null` while it is under way. */
export interface Sent {
  readonly id: string;
  readonly what: string;
  readonly key: string;
  readonly answer: Answer | null;
}

/** The cart, kept in this browser with its key, and what was sent. */
export function useShop() {
  const [basket, setBasket] = useState<Basket | null>(null);
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const current = useRef<Basket>(EMPTY_BASKET);
  const busy = sent.some((one) => one.answer === null);
  const client = useQueryClient();

  const save = useCallback((next: Basket) => {
    current.current = next;
    writeStored(KEY, JSON.stringify(next));
    setBasket(next);
  }, []);
  useEffect(() => save(loadBasket(readStored(KEY))), [save]);
  // The cart is this browser's: what another tab ordered is not to be ordered here once more.
  useEffect(() => {
    const changed = ({ key, newValue }: StorageEvent) => {
      if (key !== KEY) return;
      current.current = loadBasket(newValue);
      setBasket(current.current);
    };
    window.addEventListener('storage', changed);
    return () => window.removeEventListener('storage', changed);
  }, []);

  const transmit = useCallback(
    async (what: string, key: string, items: readonly OrderLine[]): Promise<Answer> => {
      const id = newKey();
      setSent((before) => [{ id, what, key, answer: null }, ...before].slice(0, 6));
      const answer = await placeOrder(key, items);
      setSent((before) => before.map((one) => (one.id === id ? { ...one, answer } : one)));
      void client.invalidateQueries({ queryKey: ['inventory'] });
      return answer;
    },
    [client],
  );

  const place = useCallback(
    async (times: number) => {
      if (current.current.lines.length === 0) return;
      // Saved before anything is sent: a reload in between finds the key, and can ask again.
      const started = startAttempt(current.current, newKey);
      save(started);
      const { key, lines } = started.attempt;
      const tries = Array.from({ length: times }, (_, index) =>
        transmit(times === 1 ? 'Order' : `Order, request ${index + 1} of ${times}`, key, lines),
      );
      const answers = await Promise.all(tries);
      const final = answers.find((one) => [201, 202, 422, 400].includes(one.status)) ?? answers[0];
      if (final !== undefined && current.current.attempt?.key === key)
        save(answerAttempt(current.current, final.status));
    },
    [save, transmit],
  );

  const last = basket?.last ?? null;
  return {
    basket,
    sent,
    busy,
    setQuantity: (itemId: string, quantity: number) => save(setQuantity(current.current, itemId, quantity)),
    place,
    giveUp: () => save(dropAttempt(current.current)),
    clear: () => save({ ...current.current, lines: [], attempt: null }),
    retryLast: last === null ? null : () => transmit('Same key, same order', last.key, last.lines),
    retryOther: last === null ? null : () => transmit('Same key, other order', last.key, withOtherContent(last.lines)),
  };
}

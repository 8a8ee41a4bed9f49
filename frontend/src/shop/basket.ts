import { type OrderLine, orderLine } from '@valerix/contracts';
import { z } from 'zod';

/** One intention to buy: its key goes with every try, so that however many arrive, one order comes of them. */
const attempt = z.object({
  key: z.string().min(1).max(255),
  lines: z.array(orderLine).readonly(),
  /** A try left this browser. From then on an answer may be on its way, or may have been lost. */
  sent: z.boolean(),
});
type Attempt = Readonly<z.infer<typeof attempt>>;

const basket = z.object({
  lines: z.array(orderLine).readonly(),
  /** The attempt that these lines belong to, until it is answered for good. */
  attempt: attempt.nullable(),
  /** The attempt answered last, for "retry the last one". */
  last: attempt.nullable(),
});
export type Basket = Readonly<z.infer<typeof basket>>;

export const EMPTY_BASKET: Basket = { lines: [], attempt: null, last: null };

/** What was kept in the browser. Anything that is not a basket counts as an empty one. */
export function loadBasket(text: string | null): Basket {
  if (text === null) return EMPTY_BASKET;
  try {
    return basket.parse(JSON.parse(text));
  } catch {
    return EMPTY_BASKET;
  }
}

/** Sets how many of an item are wanted; 0 removes it. Other lines are another intention, so an old key is dropped. */
export function setQuantity(basket: Basket, itemId: string, quantity: number): Basket {
  const others = basket.lines.filter((line) => line.item_id !== itemId);
  const index = basket.lines.findIndex((line) => line.item_id === itemId);
  const lines =
    quantity <= 0
      ? others
      : index === -1
        ? [...others, { item_id: itemId, quantity }]
        : basket.lines.map((line) => (line.item_id === itemId ? { item_id: itemId, quantity } : line));
  return { ...basket, lines, attempt: null };
}

/** The basket with an attempt for its lines that is about to be sent; an attempt under way keeps its key. */
export function startAttempt(basket: Basket, makeKey: () => string): Basket & { readonly attempt: Attempt } {
  const key = basket.attempt?.key ?? makeKey();
  const lines = basket.attempt?.lines ?? basket.lines;
  return { ...basket, attempt: { key, lines, sent: true } };
}

/**
 * What an answer means for the basket. 201 and 202: ordered, so the basket is empty. 422 and 400: decided as well, but
 * the lines stay to be changed. Everything else says nothing final: the attempt stays, and so does its key.
 */
export function answerAttempt(basket: Basket, status: number): Basket {
  if (basket.attempt === null) return basket;
  if (status === 201 || status === 202) return { lines: [], attempt: null, last: basket.attempt };
  if (status === 422) return { ...basket, attempt: null, last: basket.attempt };
  if (status === 400) return { ...basket, attempt: null };
  return basket;
}

/** Gives up an attempt whose outcome is not known. The next one gets a new key. */
export function dropAttempt(basket: Basket): Basket {
  return { ...basket, attempt: null };
}

/** The same order with one more of its first item: what a key must refuse. */
export function withOtherContent(lines: readonly OrderLine[]): OrderLine[] {
  return lines.map((line, index) => (index === 0 ? { ...line, quantity: line.quantity + 1 } : line));
}

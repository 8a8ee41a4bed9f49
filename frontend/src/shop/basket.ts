import type { InventoryItem, OrderLine } from '@valerix/contracts';
import { ITEM_ID, MAX_QUANTITY } from '@valerix/contracts/plain';
import { formatMoney } from '../browser/format.ts';

/** One intention to buy. Every try carries its key, so any number of tries makes one order. */
interface Attempt {
  readonly key: string;
  readonly lines: readonly OrderLine[];
  /** The token of the card that pays; `null` for an order that is billed on account. */
  readonly pay: string | null;
  /** Whether a try has left this browser; its answer may still arrive, or be lost. */
  readonly sent: boolean;
}

export interface Basket {
  readonly lines: readonly OrderLine[];
  readonly pay: string | null;
  /** The attempt for these lines, until it has a final answer. */
  readonly attempt: Attempt | null;
  /** The last answered attempt, for "Retry the last order". */
  readonly last: Attempt | null;
}

export const EMPTY_BASKET: Basket = { lines: [], pay: null, attempt: null, last: null };

/** Reads the basket from stored text; an empty one if the text is not valid. */
export function loadBasket(text: string | null): Basket {
  try {
    const { lines, pay = null, attempt, last } = JSON.parse(text ?? '') as Basket;
    const attempts = [attempt, last].map((one) => one && { ...one, pay: one.pay ?? null });
    const isValid = areLines(lines) && isCard(pay) && attempts.every((one) => one === null || isAttempt(one));
    return isValid ? { lines, pay, attempt: attempts[0] ?? null, last: attempts[1] ?? null } : EMPTY_BASKET;
  } catch {
    return EMPTY_BASKET;
  }
}

const isCard = (pay: unknown): boolean => pay === null || (typeof pay === 'string' && pay.length <= 200);

const areLines = (lines: readonly OrderLine[]): boolean =>
  lines.every(({ item_id, quantity }) => {
    const isAmount = Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY;
    return isAmount && ITEM_ID.test(item_id);
  });

const isAttempt = ({ key, lines, pay, sent }: Attempt): boolean =>
  typeof key === 'string' && key !== '' && key.length <= 255 && areLines(lines) && isCard(pay) && sent !== undefined;

/** Sets the quantity of an item; 0 removes it. Changed lines are a new intention, so the old key is dropped. */
export function setQuantity(basket: Basket, itemId: string, quantity: number): Basket {
  const line = { item_id: itemId, quantity };
  const known = basket.lines.some(({ item_id }) => item_id === itemId);
  const lines = known ? basket.lines.map((one) => (one.item_id === itemId ? line : one)) : [...basket.lines, line];
  return { ...basket, lines: lines.filter((one) => one.quantity > 0), attempt: null };
}

/** Another way to pay is a new intention, too. */
export const setPayment = (basket: Basket, pay: string | null): Basket => ({ ...basket, pay, attempt: null });

/** The basket with an attempt to send; an unfinished attempt keeps its key. */
export function startAttempt(basket: Basket, makeKey: () => string): Basket & { readonly attempt: Attempt } {
  const key = basket.attempt?.key ?? makeKey();
  const { lines, pay } = basket.attempt ?? basket;
  return { ...basket, attempt: { key, lines, pay, sent: true } };
}

/**
 * The basket after an answer. After 201 and 202 it is empty. 402, 422 and 400 are final too, but the lines stay, to be changed.
 * No other answer is final, and the attempt keeps its key.
 */
export function answerAttempt(basket: Basket, status: number): Basket {
  if (basket.attempt === null) return basket;
  if (status === 201 || status === 202) return { ...basket, lines: [], attempt: null, last: basket.attempt };
  if (status === 402 || status === 422) return { ...basket, attempt: null, last: basket.attempt };
  if (status === 400) return { ...basket, attempt: null };
  return basket;
}

/** Gives up an attempt without a known outcome. The next one gets a new key. */
export const dropAttempt = (basket: Basket): Basket => ({ ...basket, attempt: null });

/** The same order with one more of its first item: the services must refuse it under the same key. */
export function withOtherContent(lines: readonly OrderLine[]): OrderLine[] {
  return lines.map((line, index) => (index === 0 ? { ...line, quantity: line.quantity + 1 } : line));
}

/** What the lines cost together; a dash while a price is not known, or for prices in different currencies. */
export function totalOf(
  lines: Basket['lines'],
  named: (id: string) => Pick<InventoryItem, 'price_cents' | 'currency'> | undefined,
): string {
  const priced = lines.flatMap(({ item_id, quantity }) => {
    const item = named(item_id);
    return item ? [{ cents: quantity * item.price_cents, currency: item.currency }] : [];
  });
  const [currency = null, ...others] = new Set(priced.map((one) => one.currency));
  const isKnown = priced.length === lines.length && others.length === 0;
  return formatMoney(isKnown ? priced.reduce((sum, { cents }) => sum + cents, 0) : null, currency);
}

import { type Answer, problemOf } from '../browser/http.ts';
import type { Tone } from '../ui/status.tsx';

interface Explanation {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

const REFUSALS: Record<string, string> = {
  OUT_OF_STOCK: 'There is not enough stock for every item. Nothing was taken. Change the cart and order again.',
  ITEM_NOT_FOUND: 'The inventory service does not know one of the items. Nothing was taken.',
  ORDER_VOIDED: 'The order was cancelled before the inventory service saw it. Nothing was taken.',
  PRICE_CHANGED: 'The price has changed since you saw it. Nothing was taken.',
  PAYMENTS_NOT_OFFERED: 'This installation takes orders on account only. Nothing was ordered.',
  PAYMENT_REQUIRED: 'Every order must be paid here. Choose a card.',
  PAYMENT_TIMEOUT: 'The payment took too long. What was taken is given back.',
  CURRENCIES_DIFFER: 'The items are priced in more than one currency. Nothing was taken.',
  PAYMENT_DECLINED: 'The payment was declined. No money was taken, and the stock is given back.',
  IDEMPOTENCY_KEY_REUSED: 'This key already belongs to an order with different content. Nothing was ordered.',
};
const QUEUED = 'The order is kept, and the worker settles it in the background.';
const SAME_KEY = 'The key stays the same, so at most one order results.';
const AT_MOST_ONE = 'the key stays the same, so at most one order results.';

/**
 * Explains an answer to `POST /api/orders`.
 * @param whyQueued why it is a 202, if that is known by now
 */
export function explainAnswer(
  answer: Pick<Answer, 'status' | 'headers' | 'body' | 'text' | 'ms'>,
  whyQueued: string | null = null,
): Explanation {
  const again = isReplay(answer) ? ' This is the stored answer of the first request: no second order was made.' : '';
  const problem = problemOf(answer);
  const seconds = answer.headers['retry-after'];
  const wait = seconds === undefined ? 'Send it again in a moment.' : `Send it again in ${seconds} s.`;
  switch (answer.status) {
    case 201:
      return of('ok', 'Confirmed', `The stock is deducted and the order is yours.${again}`);
    case 202:
      return of(
        'warn',
        'Accepted and queued',
        `${whyQueued ? `Not decided yet: ${whyQueued}. ` : ''}${QUEUED}${again}`,
      );
    case 400:
      return of('bad', 'Not valid', problem?.detail ?? 'The order is not valid. Nothing was ordered.');
    case 402:
      return of('bad', 'Payment declined', `${REFUSALS.PAYMENT_DECLINED}${again}`);
    case 409:
      return of('info', 'Still in progress', `The first request with this key has no answer yet. ${wait} ${SAME_KEY}`);
    case 422:
      return of('bad', 'Refused', `${REFUSALS[problem?.code ?? ''] ?? problem?.detail ?? 'Refused.'}${again}`);
    case 429:
      return of('warn', 'Too busy', `The system had too many orders at once and refused this one. ${wait}`);
    case 503:
      return problem?.code === 'OUTCOME_UNKNOWN'
        ? of('warn', 'Not confirmed', `The database did not confirm the order, and it may exist. ${wait} ${SAME_KEY}`)
        : of('warn', 'Not available', `The order service cannot store orders now. ${wait} ${SAME_KEY}`);
    default:
      // Whoever refused this request, it placed nothing. An earlier one with the same key may have.
      if (answer.status >= 400 && answer.status < 500) {
        return of('bad', 'Refused', problem?.detail ?? 'This request placed no order.');
      }
      return of('warn', 'No answer', `It is unknown whether the order was placed. Send it again: ${AT_MOST_ONE}`);
  }
}

const of = (tone: Tone, title: string, text: string): Explanation => ({ tone, title, text });

/** Whether this is a replay: the stored answer of an earlier request under the same key. */
export const isReplay = ({ headers }: Pick<Answer, 'headers'>): boolean => headers['idempotent-replayed'] === 'true';

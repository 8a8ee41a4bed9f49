import { type Answer, problemOf } from '../browser/http.ts';
import type { Tone } from '../ui/status.tsx';
import { isReplay } from './place-order.ts';

interface Explanation {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  /** Whether sending the same key again is the right thing to do. */
  readonly retry: boolean;
}

const REFUSALS: Record<string, string> = {
  OUT_OF_STOCK: 'There is not enough stock for every item. Nothing was taken. Change the cart and order again.',
  ITEM_NOT_FOUND: 'The warehouse does not know one of the items. Nothing was taken.',
  ORDER_VOIDED: 'The order was cancelled before the warehouse saw it. Nothing was taken.',
  IDEMPOTENCY_KEY_REUSED:
    'This key already belongs to an order with other content, so it was not used for this one. Nothing was ordered.',
};

/** What an answer to `POST /api/orders` means, in plain words. */
export function explainAnswer(answer: Pick<Answer, 'status' | 'headers' | 'body' | 'text' | 'ms'>): Explanation {
  const again = isReplay(answer) ? ' This is the stored answer of the first request: no second order was made.' : '';
  const problem = problemOf(answer);
  const wait = waitOf(answer.headers['retry-after']);
  const explanations: Record<number, Explanation> = {
    201: of('ok', 'Confirmed', `The stock is deducted and the order is yours.${again}`),
    202: of(
      'warn',
      'Accepted and queued',
      `The warehouse did not answer in time. The order is kept and will be settled in the background.${again}`,
    ),
    400: of('bad', 'Not valid', problem?.detail ?? 'The order is not valid. Nothing was ordered.'),
    409: of(
      'info',
      'Still being worked on',
      `The first request with this key has not been answered yet. ${wait} The key stays the same.`,
      true,
    ),
    422: of('bad', 'Refused', `${REFUSALS[problem?.code ?? ''] ?? problem?.detail ?? 'Refused.'}${again}`),
    429: of('warn', 'Too busy', `The system took too many orders at once and refused this one. ${wait}`, true),
    503: of(
      'warn',
      'Not available',
      `The order service cannot store orders now. ${wait} The key stays the same, so nothing can be doubled.`,
      true,
    ),
  };
  return explanations[answer.status] ?? NO_ANSWER;
}

function waitOf(retryAfter: string | undefined): string {
  return retryAfter === undefined ? 'Send it again in a moment.' : `Send it again in ${retryAfter} s.`;
}

function of(tone: Tone, title: string, text: string, retry = false): Explanation {
  return { tone, title, text, retry };
}

const NO_ANSWER = of(
  'warn',
  'No answer',
  'Whether the order was placed is not known. Send it again: the key stays the same, so at most one order comes of it.',
  true,
);

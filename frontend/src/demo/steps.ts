import type { Decision, LedgerEntry, Order } from '@valerix/contracts';
import { isSettled } from '@valerix/contracts/plain';
import { formatMs, plural } from '../browser/format.ts';
import type { Answer } from '../browser/http.ts';

/** Everything that the demo has received from the services so far. */
export interface DemoFacts {
  readonly item: string;
  readonly before?: number;
  readonly fault_id?: string;
  readonly confirmed_by?: readonly string[];
  readonly key?: string;
  readonly answer?: Pick<Answer, 'status' | 'ms' | 'text'>;
  readonly order_id?: string | null;
  readonly decision?: Decision | null;
  readonly ledger?: readonly LedgerEntry[];
  readonly second_answer?: Pick<Answer, 'status' | 'text'> & { readonly replayed: boolean };
  readonly order?: Order;
  readonly disarmed?: boolean;
  readonly after?: number;
}

/** `met`: whether the expectation was met; `null` while unknown. */
type Happened = Readonly<{ met: boolean | null; text: string }>;

export interface DemoStep {
  readonly id: 'look' | 'arm' | 'order' | 'box' | 'again' | 'end' | 'count';
  readonly title: string;
  readonly why: string;
  readonly expect: string;
  readonly action: string;
  readonly happened: (facts: DemoFacts) => Happened;
}

const deductsIn = (ledger: readonly LedgerEntry[] = []): number =>
  ledger.filter((entry) => entry.transaction_type === 'deduct').length;
const WAITING: Happened = { met: null, text: '' };

/** "Schrödinger's warehouse" in seven steps. */
export const STEPS: readonly DemoStep[] = [
  {
    id: 'look',
    title: 'Count the stock',
    why: 'To check later that exactly one unit has left.',
    expect: 'A number of units.',
    action: 'Count it',
    happened: ({ before, item }) =>
      before === undefined ? WAITING : { met: true, text: `${before} units of ${item}.` },
  },
  {
    id: 'arm',
    title: 'Lose every reply of the inventory service',
    why: 'For this item, each deduction commits, and then its reply is dropped. The fault ends by itself after two minutes.',
    expect: 'Each replica of the inventory service confirms the fault.',
    action: 'Arm it',
    happened: ({ fault_id, confirmed_by = [] }) => {
      if (fault_id === undefined) return WAITING;
      if (confirmed_by.length === 0) return { met: null, text: 'Armed. Waiting for a replica to confirm it.' };
      return { met: true, text: `Confirmed by ${confirmed_by.join(', ')}.` };
    },
  },
  {
    id: 'order',
    title: 'Order one unit',
    why: 'The order service asks for the stock and gets no reply. Was it deducted? The order service cannot know.',
    expect: '202: accepted and queued, neither refused nor confirmed on a guess.',
    action: 'Order it',
    happened: ({ answer }) => {
      if (answer === undefined) return WAITING;
      const text = `The answer was ${answer.status === 0 ? 'none' : answer.status}, after ${formatMs(answer.ms)}.`;
      return { met: answer.status === 202, text };
    },
  },
  {
    id: 'box',
    title: 'Open the box',
    why: "The inventory service's own ledger shows what the lost reply said.",
    expect: 'One deduction, however often the order service asked.',
    action: 'Read the ledger',
    happened: ({ decision, ledger }) => {
      if (ledger === undefined) return WAITING;
      const deducts = deductsIn(ledger);
      const decided = !decision ? 'No decision is recorded' : `The decision is "${decision.outcome}"`;
      return {
        met: decision?.outcome === 'applied' && deducts === 1,
        text: `${decided}; the ledger holds ${plural(deducts, 'deduction')} for this order.`,
      };
    },
  },
  {
    id: 'again',
    title: 'Press the button again',
    why: 'An impatient customer sends the same order under the same key.',
    expect: 'The same answer, byte for byte, and no second order.',
    action: 'Send it again',
    happened: ({ answer, second_answer }) => {
      if (second_answer === undefined) return WAITING;
      const same = second_answer.text === answer?.text;
      const replayed = second_answer.replayed ? 'marked as replayed' : 'not marked as replayed';
      return {
        met: same && second_answer.replayed,
        text: `${second_answer.status}, ${same ? 'the same bytes' : 'other bytes'}, ${replayed}.`,
      };
    },
  },
  {
    id: 'end',
    title: 'End the chaos',
    why: 'The worker asks again under the same order id. The inventory service answers with its recorded decision.',
    expect: 'The order becomes confirmed by itself.',
    action: 'Disarm the fault',
    happened: ({ disarmed, order }) => {
      if (!disarmed) return WAITING;
      if (order === undefined || !isSettled(order.status)) {
        return { met: null, text: 'Disarmed. The order is still queued; the worker will ask again.' };
      }
      return {
        met: order.status === 'confirmed',
        text: `The order is ${order.status}, after ${plural(order.attempts, 'background try', 'background tries')}.`,
      };
    },
  },
  {
    id: 'count',
    title: 'Count again',
    why: 'The order service asked several times, and the first replies were lost.',
    expect: 'One unit fewer than before, unless other orders took this item too, and still one deduction.',
    action: 'Count it',
    happened: ({ before, after, ledger, item }) => {
      if (after === undefined || before === undefined) return WAITING;
      const deducts = deductsIn(ledger);
      return {
        met: deducts === 1 && after <= before - 1,
        text: `${before} before, ${after} now, ${plural(deducts, 'deduction')} of ${item} for this order.`,
      };
    },
  },
];

/** The first step without a known outcome, or the number of steps if all have one. */
export function currentStep(facts: DemoFacts): number {
  const index = STEPS.findIndex((step) => step.happened(facts).met === null);
  return index === -1 ? STEPS.length : index;
}

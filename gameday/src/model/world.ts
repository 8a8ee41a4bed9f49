import type { OrderLine, OrderStatus, RefusalReason } from '@valerix/contracts';
import type { Decision, Movement } from '../../../inventory-service/src/decide.ts';
import type { Outcome } from '../../../order-service/src/order.ts';
import type { Payment, PaymentMovement, ProviderState } from '../../../payment-service/src/decide-payment.ts';

/** An order of the model. Orders of one kind share their states, so each is called `ORDER` until a story is told. */
export interface Kind {
  lines: readonly OrderLine[];
  paid: boolean;
}
export const ORDER = '@';
export const NOW = '2026-01-01T00:00:00.000Z';
export const CURRENCY = 'EUR';
export const UNIT_PRICE_CENTS = 100;

/** The row of `orders`, with its timeline. */
export interface Row {
  status: OrderStatus;
  reason: RefusalReason | null;
  answer: number | null;
  events: readonly string[];
}

/** What a replica of the order service has in hand for the order: a request, a cancellation, or a claim of its worker. */
export interface Task {
  does: 'place' | 'cancel' | 'settle';
  /** The status it acts on; null while nothing is written. */
  from: OrderStatus | null;
  /** How many steps are done. */
  done: number;
  /** The outcome; absent while participants are still to be asked. */
  said?: Outcome['kind'] | 'undone' | 'overdue';
  why?: RefusalReason;
  /** True for a refusal by the first participant. */
  isFirst?: boolean;
}

/** A command to a participant. */
export type Command = 'deduct' | 'reserve' | 'commit' | 'release' | 'charge' | 'refund';

export type ProviderStatus = ProviderState['status'];
export type Question = 'charge' | 'find' | 'refund';

/** A replica of the payment service asks the provider, or holds its answer. */
export interface Ask {
  question: Question;
  told?: ProviderStatus;
}

/** What the payment service and its provider know about one order, and what is on its way between them. */
export interface Money {
  payment: Payment | null;
  ledger: readonly PaymentMovement[];
  asks: readonly Ask[];
  provider: ProviderStatus;
  /** The provider's books. */
  books: readonly ('charge' | 'refund')[];
  /** Questions that the provider has not received yet, though nobody waits for their answer. */
  late: readonly Question[];
  webhooks: readonly ProviderStatus[];
}

export const NO_MONEY: Money = {
  payment: null,
  ledger: [],
  asks: [],
  provider: 'unknown',
  books: [],
  late: [],
  webhooks: [],
};

/** Everything that concerns one order: its row, whoever works on it, messages that may still arrive, and what participants know. */
export interface World {
  kind: number;
  /** Orders that exist under the key (I3). */
  created: number;
  row: Row | null;
  /** True once the payment deadline has passed. */
  overdue: boolean;
  tasks: readonly Task[];
  late: readonly Command[];
  decision: Decision | null;
  ledger: readonly Movement[];
  money: Money;
  /** A rule that failed, in the words of the service that would throw. */
  broken?: string;
}

/** What the order shares with the others: units on hand, and units held for open paid orders, by item. */
export type Stock = Readonly<Record<string, readonly [quantity: number, held: number]>>;

/** What a step takes from the budget of the search. */
export const COSTS = ['crash', 'duplicate', 'late', 'cancellation', 'timeout'] as const;
export type Cost = (typeof COSTS)[number];
export type Budget = Readonly<Record<Cost, number>> & {
  /** The most of them together; absent: all. */
  total?: number;
};

/** One step: what changed, in words, and what it cost. A step without a cost happens without any fault. */
export interface Step {
  world: World;
  stock: Stock;
  cost?: Cost | undefined;
  /** True for the death of an order service: the same death may strike the other order. */
  isDeath?: boolean;
  told: string;
}

export const unplaced = (kind: number): World => ({
  kind,
  created: 0,
  row: null,
  overdue: false,
  tasks: [],
  late: [],
  decision: null,
  ledger: [],
  money: NO_MONEY,
});

/** What the order costs by the prices of the warehouse's decision, in cents; null while they are not known. */
export function totalIn(decision: Decision | null): number | null {
  const { items = [], prices } = decision ?? {};
  if (!prices) return null;
  return items.reduce((sum, { quantity }, at) => sum + quantity * (prices.unit_price_cents[at] as number), 0);
}

export type Price = ReturnType<typeof priceOf>;

/** What a charge of the order asks for. */
export const priceOf = ({ decision }: World, { lines }: Kind) => ({
  amount_cents: totalIn(decision) ?? lines.reduce((sum, { quantity }) => sum + quantity * UNIT_PRICE_CENTS, 0),
  currency: CURRENCY,
});

const isMoneyAtRest = ({ asks, late, webhooks, provider }: Money): boolean =>
  asks.length + late.length + webhooks.length === 0 && provider !== 'pending';

/** True when nothing is under way: only a new fault or a cancellation could change the order. */
export const isAtRest = ({ tasks, late, money }: World): boolean =>
  tasks.length + late.length === 0 && isMoneyAtRest(money);

let numbers = new WeakMap<object, number>();
let known = new Map<string, number>();

/** Forgets the numbers of all parts, so that a thread keeps those of one job only. No space may be in use. */
export function forgetParts(): void {
  numbers = new WeakMap();
  known = new Map();
}

/** A number for a part of a world: parts that say the same have the same. Worlds share their parts, so most are known. */
function numberOf(part: object | null, textOf: (part: never) => string = JSON.stringify): number {
  if (part === null) return 0;
  const found = numbers.get(part);
  if (found !== undefined) return found;
  const text = textOf(part as never);
  const number = known.get(text) ?? known.size + 1;
  known.set(text, number);
  numbers.set(part, number);
  return number;
}

/** The numbers of a list whose order means nothing. */
const unordered = (list: readonly object[]): string =>
  list.length < 2
    ? list.map((part) => numberOf(part)).join()
    : list
        .map((part) => numberOf(part))
        .sort((a, b) => a - b)
        .join();

const words = (list: readonly string[]): string => (list.length < 2 ? list : list.toSorted()).join();

const textOfMoney = ({ payment, ledger, asks, provider, books, late, webhooks }: Money): string =>
  `money ${numberOf(payment)} ${numberOf(ledger)} ${unordered(asks)} ${provider} ${books} ${words(late)} ${words(webhooks)}`;

/** The same text for worlds that no rule can tell apart: the order of tasks and of messages means nothing. */
export function textOf({ kind, created, row, overdue, tasks, late, decision, ledger, money, broken }: World): string {
  const parts = `${numberOf(row)} ${unordered(tasks)} ${words(late)} ${numberOf(decision)} ${numberOf(ledger)}`;
  return `${kind} ${created} ${overdue ? 1 : 0} ${parts} ${numberOf(money, textOfMoney)} ${broken ?? ''}`;
}

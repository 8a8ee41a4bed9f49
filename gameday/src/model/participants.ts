import type { Decision, Stock as Item, StockCommand } from '../../../inventory-service/src/decide.ts';
import type { Payment } from '../../../payment-service/src/decide-payment.ts';
import { begin, decideMoney, settled } from './money.ts';
import type { Rules } from './rules.ts';
import {
  type Command,
  CURRENCY,
  type Kind,
  NOW,
  ORDER,
  priceOf,
  type Stock,
  UNIT_PRICE_CENTS,
  type World,
} from './world.ts';

/** As much of a decision as the order service looks at. */
export type Answer = Pick<Decision, 'outcome'> &
  Partial<Pick<Decision, 'released_at'> & Pick<Payment, 'refunded_at'>> & { reason: string | null };

/** What a command does when it arrives, and what is answered; no answer means that the participant does not know yet. */
export interface Arrived {
  world: World;
  stock: Stock;
  answer: Answer | undefined;
  told: string;
}

/** The ways in which a command can be carried out, the one without trouble first. */
export function arrive(world: World, command: Command, stock: Stock, kind: Kind, rules: Rules): Arrived[] {
  if (command === 'charge' || command === 'refund') return pay(world, command, stock, kind, rules);
  return [take(world, command, stock, kind, rules)];
}

/** The warehouse decides: one transaction of `decide` and the writes of its verdict. */
function take(
  world: World,
  op: Exclude<Command, 'charge' | 'refund'>,
  stock: Stock,
  { lines }: Kind,
  rules: Rules,
): Arrived {
  const sent: StockCommand =
    op === 'deduct' || op === 'reserve' ? { op, order_id: ORDER, items: [...lines] } : { op, order_id: ORDER };
  const onHand = new Map<string, Item>(
    Object.entries(stock).map(([item, [quantity]]) => [
      item,
      { quantity, price_cents: UNIT_PRICE_CENTS, currency: CURRENCY },
    ]),
  );
  const prior = new Map(world.decision ? [[ORDER, world.decision]] : []);
  const { answers, made, released, committed, movements, deltas } = rules.decide([sent], onHand, prior, NOW);
  const answer = answers[0] as Decision;
  let decision = made.find(({ order_id }) => order_id === ORDER) ?? world.decision;
  if (decision && released.includes(ORDER)) decision = { ...decision, released_at: NOW, held: false };
  if (decision && committed.includes(ORDER)) decision = { ...decision, held: false };
  const after = { ...stock };
  for (const [item, delta] of deltas) {
    const [quantity, held] = after[item] as [number, number];
    after[item] = [quantity + delta.quantity, held + delta.held];
  }
  return {
    world: { ...world, decision, ledger: movements.length > 0 ? [...world.ledger, ...movements] : world.ledger },
    stock: after,
    answer,
    told: [answer.outcome, answer.reason, answer.released_at && 'released'].filter(Boolean).join(', '),
  };
}

/** The payment service decides: it commits the intent, asks the provider, and answers once the provider has confirmed. */
function pay(world: World, op: 'charge' | 'refund', stock: Stock, kind: Kind, rules: Rules): Arrived[] {
  const price = priceOf(world, kind);
  const { money, isNew, answer } = decideMoney(world.money, op, price, rules);
  const having = (after: typeof money): World => ({ ...world, money: after });
  if (answer)
    return [{ world: having(money), stock, answer, told: [answer.outcome, answer.reason].filter(Boolean).join(', ') }];
  const asked = settled(money, !isNew, price, rules).map((after): Arrived => {
    const { answer: then } = decideMoney(after, op, price, rules);
    const told = then ? [then.outcome, then.reason].filter(Boolean).join(', ') : 'the provider has not decided';
    return { world: having(after), stock, answer: then, told };
  });
  // A replica asks one question at a time about a payment (ask-provider.ts); later callers wait for the same answer.
  const isAsked = money.asks.length > 0;
  const slow = {
    world: having(isAsked ? money : begin(money, !isNew, rules)),
    stock,
    answer: undefined,
    told: 'the provider is slow',
  };
  return isAsked ? [slow] : [...asked, slow];
}

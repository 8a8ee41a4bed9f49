import { answerTo, type PaymentOrder, type ProviderState } from '../../../payment-service/src/decide-payment.ts';
import type { Rules } from './rules.ts';
import { type Ask, type Money, NOW, ORDER, type Price, type ProviderStatus, type Question } from './world.ts';

/** A step of the payment service, its provider, or the network between them. */
export interface MoneyStep {
  money: Money;
  cost?: 'crash' | 'duplicate' | 'late';
  told: string;
}

/** Two replicas ask about a payment at most. */
const REPLICAS = 2;

/** What can happen to the money next without the order service; first what happens when nothing goes wrong. */
export function* moneySteps(money: Money, price: Price, rules: Rules): Generator<MoneyStep> {
  for (const ask of money.asks) yield* askSteps(money, ask, price, rules);
  if (money.provider === 'pending') {
    for (const verdict of ['charged', 'declined'] as const) {
      const decided = become(money, verdict);
      yield {
        money: { ...decided, webhooks: [...money.webhooks, verdict] },
        told: `The provider decides: ${verdict}.`,
      };
    }
  }
  for (const status of money.webhooks) {
    const webhooks = money.webhooks.toSpliced(money.webhooks.indexOf(status), 1);
    yield {
      money: book({ ...money, webhooks }, status, price, rules),
      told: `A webhook arrives: ${ORDER} is ${status}.`,
    };
  }
  for (const question of money.late) {
    const late = money.late.toSpliced(money.late.indexOf(question), 1);
    for (const after of heard({ ...money, late }, question)) {
      yield { money: after, told: `A late ${question} of ${ORDER} reaches the provider: ${after.provider}.` };
    }
  }
  if (money.payment?.waits_for && money.asks.length < REPLICAS) {
    const cost = money.asks.length > 0 ? ({ cost: 'late' } as const) : {};
    yield { money: begin(money, true, rules), ...cost, told: `The payment worker takes up ${ORDER}.` };
  }
  if (money.provider !== 'unknown' && money.provider !== 'pending') {
    const webhooks = [...money.webhooks, money.provider];
    yield {
      money: { ...money, webhooks },
      cost: 'duplicate',
      told: `The provider sends a webhook: ${money.provider}.`,
    };
  }
  for (const ask of money.asks) {
    const asks = money.asks.toSpliced(money.asks.indexOf(ask), 1);
    const told = `The payment service dies while it asks about ${ORDER}.`;
    yield { money: { ...money, asks }, cost: 'crash', told };
    if (!ask.told) yield { money: { ...money, asks, late: [...money.late, ask.question] }, cost: 'crash', told };
  }
}

function* askSteps(money: Money, ask: Ask, price: Price, rules: Rules): Generator<MoneyStep> {
  const place = money.asks.indexOf(ask);
  const ended = { ...money, asks: money.asks.toSpliced(place, 1) };
  if (ask.told === 'unknown' && ask.question === 'find') {
    const asks = money.asks.with(place, { question: 'charge' });
    yield { money: { ...money, asks }, told: `The provider does not know ${ORDER}: it will be charged.` };
    return;
  }
  if (ask.told) {
    yield { money: book(ended, ask.told, price, rules), told: `The payment service books: ${ORDER} is ${ask.told}.` };
    return;
  }
  const { question } = ask;
  for (const after of heard(money, question)) {
    const asks = money.asks.with(place, { question, told: after.provider });
    const said = `The provider hears ${question} of ${ORDER}: ${after.provider}.`;
    yield { money: { ...after, asks }, told: said };
    yield { money: { ...after, asks: ended.asks }, cost: 'late', told: `${said} The reply is lost.` };
    if (question !== 'find') {
      yield {
        money: { ...after, asks, late: [...after.late, question] },
        cost: 'duplicate',
        told: `${said} A copy is still on its way.`,
      };
    }
  }
  if (question !== 'find') {
    const late = [...money.late, question];
    yield {
      money: { ...ended, late },
      cost: 'late',
      told: `The provider does not answer. The ${question} of ${ORDER} is still on its way.`,
    };
  }
}

/** The order service's command is committed. @returns the answer, or undefined while the provider has to be asked */
export function decideMoney(money: Money, op: 'charge' | 'refund', price: Price, rules: Rules) {
  const command: PaymentOrder =
    op === 'charge' ? { op, order_id: ORDER, ...price, token: 'tok' } : { op, order_id: ORDER };
  const decided = rules.decidePayment(command, money.payment ?? undefined, NOW);
  const payment = decided.order_id === ORDER ? decided : money.payment;
  return { money: { ...money, payment }, isNew: money.payment === null, answer: answerTo(op, decided) };
}

/** The payment service begins to ask the provider. */
export function begin(money: Money, mayHaveBeenSent: boolean, rules: Rules): Money {
  const question = money.payment && rules.stepOf(money.payment, mayHaveBeenSent);
  return question ? { ...money, asks: [...money.asks, { question }] } : money;
}

/** Asks, hears and books in one go, as when nothing goes wrong; one result for each thing the provider may say. */
export function settled(money: Money, mayHaveBeenSent: boolean, price: Price, rules: Rules): Money[] {
  const question = money.payment && rules.stepOf(money.payment, mayHaveBeenSent);
  if (!question) return [money];
  return heard(money, question).flatMap((after) =>
    question === 'find' && after.provider === 'unknown'
      ? heard(after, 'charge').map((charged) => book(charged, charged.provider, price, rules))
      : [book(after, after.provider, price, rules)],
  );
}

/** What the provider makes of a question: it keeps the promises of the port (payment-provider.ts). */
function heard(money: Money, question: Question): Money[] {
  if (question === 'find') return [money];
  if (question === 'charge') {
    if (money.provider !== 'unknown') return [money];
    return (['charged', 'declined', 'pending'] as const).map((verdict) => become(money, verdict));
  }
  if (money.provider === 'charged') return [become(money, 'refunded')];
  return money.provider === 'refunded' || money.provider === 'declined' ? [money] : [become(money, 'voided')];
}

const BOOKED: Partial<Record<ProviderStatus, 'charge' | 'refund'>> = { charged: 'charge', refunded: 'refund' };

function become(money: Money, provider: ProviderStatus): Money {
  const entry = BOOKED[provider];
  return { ...money, provider, books: entry ? [...money.books, entry] : money.books };
}

function book(money: Money, status: ProviderStatus, price: Price, rules: Rules): Money {
  if (!money.payment) return money;
  const told = { status, ...price, reason: 'CARD_DECLINED' } as ProviderState;
  const { payment, movements } = rules.settlePayment(money.payment, told, NOW);
  return { ...money, payment, ledger: movements.length > 0 ? [...money.ledger, ...movements] : money.ledger };
}

import { judgeMoneyFacts, type MoneyFacts } from './judge-money.ts';
import type { LedgerClient } from './ledger-client.ts';
import type { MoneyClient } from './money-client.ts';

/** A settled paid order whose stock is right by what was read of both streams. */
export type PaidOrder = Omit<MoneyFacts, 'entries'>;

/**
 * Asks only for what the streams do not tell of paid orders, at most `LOOK_UP_BATCH`: their money, and whether their stock is still reserved.
 * @returns those that are right (I14 to I17). Of the others nothing is known: some may have moved since they were read
 */
export async function paidAndRight(
  orders: readonly PaidOrder[],
  ledger: Pick<LedgerClient, 'ofOrders'>,
  money: MoneyClient | undefined,
): Promise<PaidOrder[]> {
  const ids = orders.map(({ id }) => id);
  const payments = Map.groupBy((await money?.ofOrders(ids)) ?? [], ({ order_id }) => order_id);
  const held = new Set((await ledger.ofOrders(ids, { held: true })).map(({ order_id }) => order_id));
  const isPaidFor = (order: PaidOrder) =>
    !money || judgeMoneyFacts({ ...order, entries: payments.get(order.id) ?? [] }).length === 0;
  return orders.filter((order) => !held.has(order.id) && isPaidFor(order));
}

/** The rules between an order and its entries in the payment ledger; pure. */
import { isSettled, type PaymentEntry } from '@valerix/contracts';
import { statusesThat } from '../order.ts';
import type { Finding } from './judge-integrity.ts';

/** The facts about one order from both sides. */
export interface MoneyFacts {
  id: string;
  status: string;
  /** What a paid order costs, in the smallest unit of `currency`. */
  total: number;
  /** Null while the prices are not known. */
  currency: string | null;
  /** True if exactly the order's stock is deducted and not released. */
  holdsStock: boolean;
  entries: readonly Pick<PaymentEntry, 'transaction_type' | 'amount_change' | 'currency'>[];
}

/** Money that was read before the stock may have been given back, and the stock after it, in between. */
const UNDOING: readonly string[] = statusesThat(({ work }) => work === 'undo');

/** The violations of I14 to I16. The entries must have been read before the stock, which is taken before the charge. */
export function judgeMoneyFacts({ id: subject, status, total, currency, holdsStock, entries }: MoneyFacts): Finding[] {
  const found = (invariant: Finding['invariant'], detail: string): Finding[] => [{ invariant, subject, detail }];
  for (const type of ['charge', 'refund'] as const) {
    const times = entries.filter(({ transaction_type }) => transaction_type === type).length;
    if (times > 1) return found('I14', `${times} times a ${type} for the order`);
  }
  // An order whose request died before it wrote the prices may be undone without them.
  const priced = currency === null ? [] : entries;
  const wrong = priced.find((entry) => Math.abs(entry.amount_change) !== total || entry.currency !== currency);
  if (wrong) {
    const booked = `${Math.abs(wrong.amount_change)} ${wrong.currency}`;
    return found('I14', `the order costs ${total} ${currency}; its ${wrong.transaction_type} is of ${booked}`);
  }
  const net = entries.reduce((sum, { amount_change }) => sum + amount_change, 0);
  if (net > 0 && !holdsStock && !UNDOING.includes(status)) {
    return found('I15', `${net} ${currency} is charged, and the stock is not held`);
  }
  if (!isSettled(status)) return [];
  if (status === 'confirmed') return net === total ? [] : found('I15', `confirmed for ${total}; ${net} is charged`);
  return net === 0 ? [] : found('I16', `${status}, and ${net} ${currency} stays charged`);
}

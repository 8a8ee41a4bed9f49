import { statusToldBy } from '@valerix/contracts';
import type { MoneyRecord } from './judge-money.ts';
import type { OrderRecord, StockRecord } from './judge-order.ts';

/** The moves of an order in its timeline, oldest first: `pending`, `pending → queued`, … */
export function movesOf({ events }: Pick<OrderRecord, 'events'>): string[] {
  const statuses = events.flatMap((event) => statusToldBy(event) ?? []);
  return statuses.map((status, at) => (at === 0 ? status : `${statuses[at - 1]} → ${status}`));
}

/**
 * What became of an order, in one line: its statuses, its answer, and what each participant decided. `make model` finds every path that
 * the rules allow; a real order must be on one of them.
 */
export function pathOf(order: OrderRecord, stock: StockRecord | undefined, money: MoneyRecord | undefined): string {
  const statuses = order.events.flatMap((event) => statusToldBy(event) ?? []).join(' → ');
  const answered = order.responseStatus === null ? 'no answer' : `answered ${order.responseStatus}`;
  return [statuses, answered, `stock ${stockIn(stock)}`, ...(order.paid ? [`money ${moneyIn(money)}`] : [])].join(', ');
}

function stockIn(stock: StockRecord | undefined): string {
  const { decision } = stock ?? {};
  if (!decision) return 'not asked for';
  if (decision.outcome !== 'applied') return decision.outcome;
  if (decision.released) return 'released';
  return decision.held ? 'held' : 'taken';
}

function moneyIn(money: MoneyRecord | undefined): string {
  const { payment, ledger } = money ?? {};
  if (!payment) return 'not asked for';
  const wait = payment.waitsFor ? `, waits for its ${payment.waitsFor}` : '';
  if (payment.outcome === null) return `undecided${wait}`;
  if (ledger && ledger.refunded.length > 0) return `refunded${wait}`;
  if (ledger && ledger.charged.length > 0) return `charged${wait}`;
  return `${payment.outcome}${wait}`;
}

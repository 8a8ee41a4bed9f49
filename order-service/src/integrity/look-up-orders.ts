import {
  canonicalLines,
  isSettled,
  type LedgerEntry,
  MAX_ORDERS_PER_LEDGER_QUERY,
  statusToldBy,
} from '@valerix/contracts';
import { mayMove, type OrderStatus } from '../order.ts';
import type { IntegrityStore } from './integrity-store.ts';
import { type Finding, judgeHeld, judgeOrderFacts, lineOf } from './judge-integrity.ts';
import { judgeMoneyFacts } from './judge-money.ts';
import type { LedgerClient } from './ledger-client.ts';
import type { MoneyClient } from './money-client.ts';

export interface LookedUp {
  id: string;
  findings: Finding[];
  /** How often its timeline has settled it; 0 for an order that is open, gone or moving. */
  timesSettled: number;
}

/** Orders that are looked up together. */
export const LOOK_UP_BATCH = MAX_ORDERS_PER_LEDGER_QUERY;

/**
 * Looks orders up on both sides, at most `LOOK_UP_BATCH`. It reads the orders before and after the ledger, and skips one that
 * moved in between.
 */
export async function lookUpOrders(
  ids: readonly string[],
  store: Pick<IntegrityStore, 'findAll' | 'goneBefore'>,
  ledger: Pick<LedgerClient, 'ofOrders'>,
  money?: MoneyClient,
): Promise<LookedUp[]> {
  if (ids.length === 0) return [];
  const before = new Map((await store.findAll(ids)).map((order) => [order.order_id, order]));
  const paid = [...before.values()].filter((order) => order.paid).map(({ order_id }) => order_id);
  // Before the stock, as `judgeMoneyFacts` says.
  const payments = Map.groupBy(money && paid.length > 0 ? await money.ofOrders(paid) : [], ({ order_id }) => order_id);
  const entries = Map.groupBy(await ledger.ofOrders(ids), ({ order_id }) => order_id);
  const after = new Map((await store.findAll(ids)).map((order) => [order.order_id, order]));
  const goneBefore = ids.every((id) => after.has(id)) ? '' : await store.goneBefore();
  return ids.map((id) => {
    const order = after.get(id);
    // The inventory service drops its part of the history later.
    if (!order && id < goneBefore) return { id, findings: [], timesSettled: 0 };
    if (order?.status !== before.get(id)?.status) return { id, findings: [], timesSettled: 0 };
    const linesOf = (type: LedgerEntry['transaction_type']) =>
      (entries.get(id) ?? []).filter((entry) => entry.transaction_type === type).map(lineOf);
    const facts = {
      id,
      status: order?.status,
      lines: order?.lines,
      deducted: linesOf('deduct'),
      released: linesOf('release'),
    };
    const findings = judgeOrderFacts(facts);
    if (order) findings.push(...judgeHeld(id, order.status, entries.get(id) ?? []), ...judgeWalk(id, order.events));
    if (order?.paid && money) {
      const holdsStock = canonicalLines(facts.deducted) === order.lines && facts.released.length === 0;
      const { status, currency, total_cents: total } = order;
      findings.push(...judgeMoneyFacts({ id, status, currency, total, holdsStock, entries: payments.get(id) ?? [] }));
    }
    const settling = order?.events.filter((type) => isSettled(statusToldBy(type) ?? '')) ?? [];
    return { id, findings, timesSettled: isSettled(order?.status ?? '') ? settling.length : 0 };
  });
}

/** I9: each step of the timeline is a move of the state machine. */
function judgeWalk(subject: string, events: readonly string[]): Finding[] {
  let at: OrderStatus = 'pending';
  for (const event of events) {
    const to = statusToldBy(event);
    if (to === undefined || to === 'pending') continue;
    if (!mayMove(at, to)) return [{ invariant: 'I9', subject, detail: `it went from ${at} to ${to}` }];
    at = to;
  }
  return [];
}

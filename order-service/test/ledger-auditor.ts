import type { InventoryItem, LedgerEntry } from '@valerix/contracts';
import { createLogger } from '@valerix/service-kit/logger';
import { Gauge } from 'prom-client';
import { afterEach, vi } from 'vitest';
import { type Auditor, createAuditor } from '../src/integrity/audit-integrity.ts';
import type { CheckpointStore } from '../src/integrity/checkpoint-store.ts';
import type { IntegrityStore } from '../src/integrity/integrity-store.ts';
import type { LedgerClient } from '../src/integrity/ledger-client.ts';
import type { StreamPage } from '../src/integrity/stream-side.ts';

let auditor: Auditor | undefined;
afterEach(async () => {
  await auditor?.stop();
  vi.restoreAllMocks();
});

/** The auditor's metric of violations. */
export const gauge = new Gauge({ name: 'violations', help: 'none', labelNames: ['invariant'], registers: [] });
/** Each violation that is found is logged as an error, once. */
export const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });

/** The memory of the only replica, which audits for the first time. */
const aloneAndNew: CheckpointStore = {
  look: async () => ({ published: null, ageMs: 0, isFree: true }),
  take: async () => null,
  readToMs: async () => 0,
  save: async () => true,
};
export const page = (items: InventoryItem[], next_cursor: string | null = null) => ({ items, next_cursor });
export const itemOf = (item_id: string, quantity: number): InventoryItem => {
  return {
    item_id,
    item_name: item_id,
    price_cents: 1,
    currency: 'EUR',
    quantity,
    reserved_quantity: 0,
    taken_quantity: 0,
    updated_at: created_at,
  };
};
export const pageOf = <T>(items: T[]): StreamPage<T> => ({ items, settledTo: undefined, heldBack: false });

/** An auditor of a ledger the test writes, stopped after the test; no order has any event, unless the test says so. */
export function audit(ledger: Partial<LedgerClient>, store: Partial<IntegrityStore> = {}): Auditor {
  auditor = createAuditor({
    store: { eventsAfter: async () => pageOf([]), findAll: async () => [], goneBefore: async () => '', ...store },
    ledger: { after: async () => pageOf([]), ofOrders: async () => [], stock: async () => page([]), ...ledger },
    memory: aloneAndNew,
    metrics: { integrityViolations: gauge },
    logger,
    intervalMs: 1,
    graceMs: 0,
    patienceMs: 8_000,
    now: () => new Date(),
  });
  auditor.start();
  return auditor;
}

export const created_at = new Date(Date.now() - 3_600_000).toISOString();

/** A ledger that grows as entries are pushed. */
export function ledgerOf(...entries: LedgerEntry[]) {
  const after: LedgerClient['after'] = async (position, limit) => {
    const read = Number(position.split('.')[1]);
    const page = entries.slice(read, read + limit);
    return pageOf(page.map((entry, index) => ({ ...entry, position: `1.${read + index + 1}` })));
  };
  const ofOrders: LedgerClient['ofOrders'] = async (ids) =>
    entries.filter(({ order_id }) => order_id !== null && ids.includes(order_id));
  return { entries, after, ofOrders };
}

export function entry(
  transaction_type: LedgerEntry['transaction_type'],
  quantity_change: number,
  order_id: string | null = null,
): LedgerEntry {
  return { position: '', transaction_type, item_id: 'ps5', quantity_change, order_id, restock_id: null, created_at };
}

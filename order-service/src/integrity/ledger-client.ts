import {
  inventoryList,
  type LedgerEntry,
  type LedgerPage,
  ledgerPage,
  MAX_ITEMS_PER_PAGE,
  MAX_ORDERS_PER_LEDGER_QUERY,
} from '@valerix/contracts';
import { request } from 'undici';
import type { z } from 'zod';
import type { StreamPage } from './stream-side.ts';

const TIMEOUT_MS = 2_000;
/** The largest page that the inventory service gives. */
const MAX_PAGE = 1_000;

/** A page of the ledger, and what the entries that were dropped add up to. */
export interface LedgerStreamPage extends StreamPage<LedgerEntry> {
  /** The entries of orders with a smaller id were dropped; undefined if the other side does not say. */
  goneBefore?: string | undefined;
  /** With the first page. */
  opening?: LedgerPage['opening'];
}

export interface LedgerClient {
  /** The next entries, in commit order. */
  after(position: string, limit: number): Promise<LedgerStreamPage>;
  /** Every committed entry of these orders, at most `MAX_ORDERS_PER_LEDGER_QUERY`; `held`: of those that still hold their reservation. */
  ofOrders(orderIds: readonly string[], only?: { held: true }): Promise<LedgerEntry[]>;
  /** The items after `cursor`, or the first ones, at most `MAX_ITEMS_PER_PAGE`. */
  stock(cursor: string | null): Promise<z.infer<typeof inventoryList>>;
}

/**
 * Reads the ledger through the API of the inventory service. With this service's credential it is not shed among the readers there.
 * @throws if the inventory service does not answer
 */
export function createLedgerClient(url: string, credential: string): LedgerClient {
  const headers = { authorization: `Bearer ${credential}` };
  async function ask<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    const response = await request(`${url}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the inventory service answered ${response.statusCode}`);
    return schema.parse(JSON.parse(text));
  }
  const page = (query: string) => ask(`/api/inventory/ledger?${query}`, ledgerPage);
  return {
    async after(position, limit) {
      const { items, settled_to, held_back = false, ...gone } = await page(`limit=${limit}&after=${position}`);
      const { gone_before: goneBefore, opening } = gone;
      return { items, settledTo: settled_to, heldBack: held_back, goneBefore, opening };
    },

    async ofOrders(orderIds, only) {
      if (orderIds.length > MAX_ORDERS_PER_LEDGER_QUERY) throw new Error(`${orderIds.length} orders are too many`);
      const entries: LedgerEntry[] = [];
      let position = '0.0';
      for (;;) {
        const { items } = await page(
          `limit=${MAX_PAGE}&after=${position}&order_id=${orderIds.join(',')}${only ? '&held=true' : ''}`,
        );
        entries.push(...items);
        position = items.at(-1)?.position ?? position;
        if (items.length < MAX_PAGE) return entries;
      }
    },

    stock: (cursor) =>
      ask(`/api/inventory?limit=${MAX_ITEMS_PER_PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`, inventoryList),
  };
}

import { inventoryList, type LedgerEntry, ledgerPage } from '@valerix/contracts';
import { request } from 'undici';
import type { z } from 'zod';

const TIMEOUT_MS = 2_000;

export interface LedgerClient {
  /** The next entries, in commit order. */
  after(position: string | undefined, limit: number): Promise<LedgerEntry[]>;
  /** Every entry of one order. */
  ofOrder(orderId: string): Promise<LedgerEntry[]>;
  stock(): Promise<z.infer<typeof inventoryList>['items']>;
}

/** Reads the ledger through the API of the inventory service. @throws if the inventory service does not answer */
export function createLedgerClient(url: string): LedgerClient {
  async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
    const response = await request(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the warehouse answered ${response.statusCode}`);
    return schema.parse(JSON.parse(text));
  }
  return {
    after: async (position, limit) =>
      (await get(`/api/inventory/ledger?limit=${limit}${position ? `&after=${position}` : ''}`, ledgerPage)).items,
    ofOrder: async (orderId) => (await get(`/api/inventory/ledger?limit=1000&order_id=${orderId}`, ledgerPage)).items,
    stock: async () => (await get('/api/inventory', inventoryList)).items,
  };
}

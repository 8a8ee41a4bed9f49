import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCrowd } from '../../test/support/crowd.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
import { TOKEN } from '../../test/support/service-process.ts';
import { type InventoryHarness, startInventoryService } from './inventory-harness.ts';

// The crowd takes a core of its own: on a busy machine everything takes its time.
vi.setConfig({ testTimeout: 120_000 });
const CLIENTS = 300;
let house: InventoryHarness;

beforeAll(async () => {
  house = await startInventoryService();
  await house.rows(
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id)
     SELECT 'restock', 'ps5', 1, 'delivery-' || n FROM generate_series(1, 1000) n`,
  );
});
afterAll(() => house.stop());

it('decides orders and answers probes beside a crowd of readers, and sheds the readers', async () => {
  const crowd = startCrowd(`${house.url}/api/inventory/ledger?limit=1000`, CLIENTS);
  try {
    await eventually(() => expect(crowd.statuses.get(429)).toBeGreaterThan(CLIENTS));
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) {
      const [decision, ready] = await Promise.all([
        house.deduct(randomUUID(), [{ item_id: 'ps5', quantity: 1 }]),
        ask(`${house.url}/readyz`),
      ]);
      statuses.push(decision.status, ready.status);
    }
    // On a busy machine one may be late; without the gate nearly all were.
    expect(statuses.filter((status) => status !== 200).length).toBeLessThan(statuses.length / 6);
    // The auditor of the order service reads with the token.
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await ask(`${house.url}/api/inventory/ledger?limit=1`, { headers })).status).toBe(200);
  } finally {
    await crowd.stop();
  }
  expect(crowd.shed).toMatchObject({ 'retry-after': '1' });
  expect(crowd.statuses.get(200)).toBeGreaterThan(0);
  expect([...crowd.statuses.keys()].sort()).toEqual([200, 429]);
});

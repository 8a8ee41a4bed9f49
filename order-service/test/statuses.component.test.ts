import { readFileSync } from 'node:fs';
import { isSettled, ORDER_STATUSES } from '@valerix/contracts';
import { afterAll, expect, it } from 'vitest';
import { freshOrderStore } from './fresh-order-store.ts';

const { pool, drop } = await freshOrderStore();
afterAll(drop);

/** The statuses that each CHECK of the live schema names. */
async function statusesInChecks(): Promise<string[][]> {
  const { rows } = await pool.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'c'`,
  );
  const named = rows.map(({ definition }) => [...definition.matchAll(/'(\w+)'::text/g)].map(([, status]) => status));
  return named.filter((statuses) => statuses.length > 0).map((statuses) => statuses.map(String).toSorted());
}

it('should allow exactly the statuses of the contracts, and let none be due but those that are not settled', async () => {
  const open = ORDER_STATUSES.filter((status) => !isSettled(status));
  const checks = await statusesInChecks();
  expect(checks).toHaveLength(2);
  expect(checks).toContainEqual(ORDER_STATUSES.toSorted());
  expect(checks).toContainEqual(open.toSorted());
});

it.each(ORDER_STATUSES)('should show %s among the states of an order in ARCHITECTURE.md', (status) => {
  const document = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const [diagram] = /```\npending ──▶[^`]*```/.exec(document) ?? [];
  expect(diagram).toContain(status);
});

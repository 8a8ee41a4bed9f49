import { withDatabase } from '@valerix/local-stack/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type AuditedSystem, metricOf, startAudited } from './audit-harness.ts';

let system: AuditedSystem;
beforeEach(async () => {
  system = await startAudited();
});
afterEach(() => system.stop());

const LAG = 'valerix_integrity_lag_seconds';

/** Opens a transaction that has written. @returns how to end it */
async function openTransaction(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT pg_current_xact_id()');
  return async () => {
    await client.query('COMMIT');
    await client.end();
  };
}

/** Collects every verdict from here on. */
function watchVerdicts() {
  const seen = new Set<string>();
  const timer = setInterval(
    () =>
      void system.integrity().then(
        ({ verdict }) => seen.add(verdict),
        () => {},
      ),
    100,
  );
  return { seen, stop: () => clearInterval(timer) };
}

it('orders are checked and told of while a transaction is open in another database of the server', async () => {
  await system.order();
  await system.checked(1);
  const end = await openTransaction(withDatabase(inject('postgresUrl'), 'postgres'));
  const watch = watchVerdicts();
  const listening = new AbortController();
  try {
    const stream = await fetch(`${system.url}/api/orders/stream`, { signal: listening.signal });
    const id = await system.order();
    await system.checked(2);
    let told = '';
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) {
      told += new TextDecoder().decode(chunk);
      if (told.includes(id) && told.includes('order.confirmed')) break;
    }
    await eventually(async () => expect(await metricOf(system.url, LAG)).toBeLessThan(2));
    expect(watch.seen).toEqual(new Set(['ok']));
  } finally {
    watch.stop();
    listening.abort();
    await end();
  }
});

it('a transaction open in the database of the inventory service makes the verdict unknown, and never violated', async () => {
  await system.order();
  await system.checked(1);
  const { rows } = await system.stockDb.query<{ name: string }>('SELECT current_database() AS name');
  const end = await openTransaction(withDatabase(inject('postgresUrl'), rows[0]?.name as string));
  const watch = watchVerdicts();
  try {
    await system.order();
    await system.order([{ item_id: 'xbox', quantity: 2 }]);
    await eventually(async () => expect(await metricOf(system.url, LAG)).toBeGreaterThan(5));
    await eventually(async () => {
      const { verdict, detail } = await system.integrity();
      expect(verdict).toBe('unknown');
      expect(detail).toMatch(/open in the database of the inventory service since 20/);
    }, 30_000);
  } finally {
    await end();
  }
  await system.checked(3);
  watch.stop();
  expect(watch.seen).toEqual(new Set(['ok', 'unknown']));
}, 90_000);

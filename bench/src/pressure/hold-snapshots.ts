import { repeat } from '@valerix/service-kit/repeat';
import pg from 'pg';
import type { BenchStack } from '../system/bench-stack.ts';

/** Each scanner reads its tables anew this often, milliseconds: without a pause, four would take both cores. */
const SCAN_MS = 1_000;
const SCANS = {
  order: 'SELECT count(*) FROM orders WHERE attempts > 0',
  inventory: 'SELECT sum(quantity + reserved_quantity) FROM inventory',
} as const;

/**
 * Holds open a write transaction in each database, and two scanners there that read in one REPEATABLE READ transaction.
 * @returns a function that ends them all
 */
export async function holdSnapshots({ stack }: BenchStack): Promise<() => Promise<void>> {
  const clients: pg.Client[] = [];
  const open = async (url: string, begin: string) => {
    const client = new pg.Client({ connectionString: url });
    clients.push(client);
    await client.connect();
    await client.query(begin);
    return client;
  };
  const scanning: { stop(): Promise<void> }[] = [];
  for (const [service, scan] of Object.entries(SCANS) as [keyof typeof SCANS, string][]) {
    const url = stack.services[service].databaseUrl;
    await open(url, 'BEGIN; SELECT pg_current_xact_id()');
    for (let n = 0; n < 2; n++) {
      const client = await open(url, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
      await client.query(scan);
      scanning.push(repeat(SCAN_MS, () => client.query(scan)));
    }
  }
  return async () => {
    await Promise.all(scanning.map((each) => each.stop()));
    await Promise.all(clients.map((client) => client.end()));
  };
}

import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers } from '@valerix/local-stack';
import { commandLine, readArguments, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { freshDatabase, migratedTemplate } from '@valerix/local-stack/testing';
import pg from 'pg';

const [orders] = readArguments(
  commandLine('npx node bench/src/checker/check-million.ts')
    .description('Measures the checker: fills two databases and a history, and compares them in a new process.')
    .argument('[orders]', 'how many', wholeNumber, 1_000_000),
) as [number];
const history = join(tmpdir(), `valerix-history-${process.pid}.jsonl`);
const servers = await startServers();
try {
  for (const key of ['order', 'inventory'] as const) await migratedTemplate(servers, key);
  const order = await freshDatabase(servers.postgresUrl('postgres'), 'order_template');
  const inventory = await freshDatabase(servers.postgresUrl('postgres'), 'inventory_template');
  const started = performance.now();
  await fillOrders(order.url);
  await fillInventory(inventory.url);
  await writeHistory();
  console.log(`Made ${orders} orders in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  const script = join(import.meta.dirname, 'check-once.ts');
  const check = spawn(process.execPath, [script, order.url, inventory.url, history], { stdio: 'inherit' });
  await once(check, 'exit');
} finally {
  rmSync(history, { force: true });
  await servers.stop();
}

async function query(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

// Every tenth order was queued first. Every twentieth is cancelled.
function fillOrders(url: string): Promise<void> {
  return query(
    url,
    `CREATE TEMP TABLE new AS SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n % 20 = 0 AS cancelled,
       n % 10 = 3 AS queued FROM generate_series(0, ${orders - 1}) AS n`,
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, response_status, response_body, correlation_id, created_at, updated_at)
     SELECT id, 'run-' || n, 'f', CASE WHEN cancelled THEN 'cancelled' ELSE 'confirmed' END, '[{"item_id":"ps5","quantity":1}]',
       CASE WHEN queued THEN 202 ELSE 201 END, '{"order":{"order_id":"' || id || '","status":"confirmed"},"message":"Your order is confirmed."}',
       'c', now(), now() FROM new`,
    ...['created', 'queued', 'confirmed', 'cancelling', 'cancelled'].map(
      (type) =>
        `INSERT INTO order_events (type, order_id, correlation_id, causation_id, data)
         SELECT 'order.${type}', id, 'c', 'c', '{}' FROM new
         ${type === 'queued' ? 'WHERE queued' : type.startsWith('cancel') ? 'WHERE cancelled' : ''}`,
    ),
    'ANALYZE',
  );
}

function fillInventory(url: string): Promise<void> {
  const released = Math.ceil(orders / 20);
  return query(
    url,
    `CREATE TEMP TABLE new AS SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n % 20 = 0 AS cancelled
     FROM generate_series(0, ${orders - 1}) AS n`,
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id) VALUES ('restock', 'ps5', ${orders}, 'bench')`,
    `INSERT INTO inventory_decisions (order_id, outcome, items, decided_at, released_at)
     SELECT id, 'applied', '[{"item_id":"ps5","quantity":1}]', now(), CASE WHEN cancelled THEN now() END FROM new`,
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, order_id) SELECT 'deduct', 'ps5', -1, id FROM new`,
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, order_id) SELECT 'release', 'ps5', 1, id FROM new WHERE cancelled`,
    `UPDATE inventory SET quantity = 100 + ${released}, reserved_quantity = ${orders - released} WHERE item_id = 'ps5'`,
    'ANALYZE',
  );
}

async function writeHistory(): Promise<void> {
  const file = createWriteStream(history);
  for (let n = 0; n < orders; n++) {
    const id = `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
    const body = `{"order":{"order_id":"${id}","status":"confirmed"},"message":"Your order is confirmed."}`;
    const md5 = hash('md5', body);
    const status = n % 10 === 3 ? 202 : 201;
    const lines = [
      `{"t":1,"op":${n},"f":"place","type":"invoke","key":"run-${n}","items":"ps5:1"}\n`,
      `{"t":2,"op":${n},"f":"place","attempts":1,"latency":1,"intended":1,"type":"ok","status":${status},"order_id":"${id}","md5":"${md5}"}\n`,
    ];
    if (n % 20 === 0) {
      lines.push(`{"t":3,"op":${n},"f":"cancel","type":"invoke"}\n`);
      lines.push(`{"t":4,"op":${n},"f":"cancel","type":"ok","status":200}\n`);
    }
    // 15 % of the requests read.
    if (n % 6 === 1) {
      const state = n % 20 === 0 ? 'cancelled' : 'confirmed';
      lines.push(
        `{"t":6,"op":${n},"f":"read","what":"order","sent":5,"replica":0,"status":200,"type":"ok","state":"${state}"}\n`,
      );
    }
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

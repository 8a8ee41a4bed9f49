import { startBenchStack, ITEMS } from './system/bench-stack.ts';
import { measure } from './measure/measure.ts';
import { readFileSync } from 'node:fs';
const s = await startBenchStack();
try {
  const src = readFileSync('order-service/src/order-store.ts', 'utf8');
  const text = /name: 'move-orders',\s+text: `([^`]+)`/.exec(src)![1];
  const show = async (pre: string[]) => { const c = await s.orders.connect(); for (const p of pre) await c.query(p); const r = await c.query('EXPLAIN (GENERIC_PLAN) ' + text); for (const p of pre) await c.query(p.replace(/ = .*/, ' TO DEFAULT')); c.release(); console.log(r.rows.map((r: any) => r['QUERY PLAN']).join('\n'), '\n'); };
  await show([]);
  await show(['SET enable_seqscan = off']);
  await show(['SET enable_seqscan = off', 'SET enable_hashjoin = off', 'SET enable_mergejoin = off']);
} finally { await s.stop(); }

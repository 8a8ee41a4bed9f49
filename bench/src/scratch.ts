import { startBenchStack, ITEMS } from './system/bench-stack.ts';
import { measure } from './measure/measure.ts';
const prof = process.argv[2] === 'prof';
const env = prof ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=/tmp/bscratch/${process.argv[3] ?? 'x'}` } : {};
const s = await startBenchStack({ env: { order: env, inventory: env } });
try {
  await s.restock();
  const plan = (pace: any, items = ITEMS, d = 4000) => ({ url: s.orderUrl, work: { kind: 'order' as const, items }, pace, warmup_ms: 2000, duration_ms: d });
  const show = (name: string, m: any) => { const cpu = Object.values(m.cpu_us as Record<string, number>).reduce((a, b) => a + b, 0); console.log(name, Math.round(m.per_second), JSON.stringify(m.latency_ms), JSON.stringify(m.statuses), 'cpu', Math.round(cpu), JSON.stringify(m.cpu_us, (k, v) => typeof v === 'number' ? Math.round(v) : v), 'st', m.statements?.toFixed(2), 'wal', Math.round(m.wal_bytes)); };
  for (let i = 0; i < 3; i++) show('closed50', await measure(plan({ loop: 'closed', connections: 50 }), s));
  if (!prof) {
    show('hot50', await measure(plan({ loop: 'closed', connections: 50 }, ['ps5']), s));
    show('open500', await measure(plan({ loop: 'open', perSecond: 500 }), s));
    for (const t of await s.database.topStatements(8)) console.log(t.calls, Math.round(t.total_ms), t.query.slice(0, 80));
  }
} finally { await s.stop(); }

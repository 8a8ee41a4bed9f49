import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@valerix/local-stack';
import { chromium } from 'playwright-core';

// Keeps the overview open under steady load and prints the memory of the page and of the dashboard's server:
// `npx node scripts/soak.ts [minutes] [orders per second] [built server.js]`. Bounded by its minutes.
const minutes = Math.min(120, Number(process.argv[2] ?? 30));
const perSecond = Math.min(200, Number(process.argv[3] ?? 50));
const server = process.argv[4] ?? join(import.meta.dirname, '../.next/standalone/frontend/server.js');
const PORT = 3990;

const stack = await startStack();
const orderUrl = stack.services.order.urls[0] ?? '';
const inventoryUrl = stack.services.inventory.urls[0] ?? '';
await fetch(`${inventoryUrl}/api/inventory/monitor/restock`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.operatorToken}` },
  body: JSON.stringify({ restock_id: 'soak', quantity: 1_000_000 }),
});
const dashboard = spawn(process.execPath, [server], {
  env: {
    NODE_ENV: 'production',
    PORT: String(PORT),
    HOSTNAME: '127.0.0.1',
    ORDER_URL: orderUrl,
    INVENTORY_URL: inventoryUrl,
    OPERATOR_TOKEN: stack.operatorToken,
  },
  stdio: 'ignore',
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  await sleep(3_000);
  await watch();
} finally {
  await browser.close();
  dashboard.kill('SIGTERM');
  await stack.stop();
}

async function watch(): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${PORT}/`);
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const end = Date.now() + minutes * 60_000;
  const placed = placeOrders(end);
  for (let minute = 0; Date.now() < end; minute++) {
    await client.send('HeapProfiler.collectGarbage');
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
    const line = [
      `${minute} min`,
      `${placed.count} orders`,
      `page heap ${(value('JSHeapUsedSize') / 1e6).toFixed(2)} MB`,
      `${value('Nodes')} nodes`,
      `${value('JSEventListeners')} listeners`,
      `server ${(residentKilobytes(dashboard.pid) / 1024).toFixed(0)} MiB`,
    ];
    process.stdout.write(`${line.join(', ')}\n`);
    await sleep(Math.min(60_000, Math.max(0, end - Date.now())));
  }
}

function placeOrders(end: number): { count: number } {
  const placed = { count: 0 };
  const timer = setInterval(() => {
    if (Date.now() > end) return clearInterval(timer);
    void fetch(`${orderUrl}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      body: '{"item_id":"monitor","quantity":1}',
    })
      .then((answer) => answer.arrayBuffer())
      .then(() => {
        placed.count += 1;
      })
      .catch(() => undefined);
  }, 1000 / perSecond);
  return placed;
}

function residentKilobytes(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

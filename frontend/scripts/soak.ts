import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@valerix/local-stack';
import { chromium } from 'playwright-core';
import { startBuilt } from './start-built.ts';

// Keeps the overview open under steady load and prints the memory of the page and of the dashboard's server:
// `npx node scripts/soak.ts [minutes] [orders per second]`. Bounded by its minutes.
const minutes = Math.min(120, Number(process.argv[2] ?? 30));
const perSecond = Math.min(200, Number(process.argv[3] ?? 50));

const stack = await startStack();
const orderUrl = stack.services.order.urls[0] ?? '';
const inventoryUrl = stack.services.inventory.urls[0] ?? '';
await fetch(`${inventoryUrl}/api/inventory/monitor/restock`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.operatorToken}` },
  body: JSON.stringify({ restock_id: 'soak', quantity: 1_000_000 }),
});
const dashboard = await startBuilt({
  ORDER_URL: orderUrl,
  INVENTORY_URL: inventoryUrl,
  OPERATOR_TOKEN: stack.operatorToken,
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  await watch();
} finally {
  await browser.close();
  await dashboard.stop();
  await stack.stop();
}

async function watch(): Promise<void> {
  const page = await browser.newPage();
  await page.goto(dashboard.url);
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
      `server ${(residentKilobytes(dashboard.process.pid) / 1024).toFixed(0)} MiB`,
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

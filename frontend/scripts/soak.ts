import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, readArguments, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { startSystem } from '../test/browser-system.ts';
import { startOrders } from './start-orders.ts';

const [minutes, perSecond] = readArguments(
  commandLine('npx node frontend/scripts/soak.ts')
    .description(
      "Keeps the overview open under a steady load, and prints the memory of the page and of the dashboard's server.",
    )
    .argument('[minutes]', 'how long', wholeNumber, 30)
    .argument('[orders]', 'a second', wholeNumber, 50),
) as [number, number];

const system = await startSystem();
const { services, operatorToken } = system.stack;
await fetch(`${services.inventory.urls[0]}/api/inventory/monitor/restock`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${operatorToken}` },
  body: JSON.stringify({ restock_id: 'soak', quantity: 1_000_000 }),
});
const orders = startOrders(system.stack, perSecond, () => [{ item_id: 'monitor', quantity: 1 }]);
try {
  const page = await system.page('/');
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const end = Date.now() + minutes * 60_000;
  for (let minute = 0; Date.now() < end; minute++) {
    await client.send('HeapProfiler.collectGarbage');
    const { metrics } = await client.send('Performance.getMetrics');
    const value = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
    const resident = /VmRSS:\s+(\d+)/.exec(
      readFileSync(`/proc/${system.stack.process('frontend').pid}/status`, 'utf8'),
    )?.[1];
    const line = [
      `${minute} min`,
      `${orders.answered} orders`,
      `page heap ${(value('JSHeapUsedSize') / 1e6).toFixed(2)} MB`,
      `${value('Nodes')} nodes`,
      `${value('JSEventListeners')} listeners`,
      `server ${(Number(resident) / 1024).toFixed(0)} MiB`,
    ];
    process.stdout.write(`${line.join(', ')}\n`);
    await sleep(Math.min(60_000, Math.max(0, end - Date.now())));
  }
} finally {
  orders.stop();
  await system.stop();
}

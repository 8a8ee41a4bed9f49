import { randomUUID } from 'node:crypto';
import { percentilesOf } from '@valerix/contracts';
import { commandLine, exitCodeOf, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { type BenchStack, ITEMS, startBenchStack } from '../system/bench-stack.ts';
import { type HaltResult, measureHalt } from './measure-halt.ts';
import { SITUATIONS } from './situations.ts';

const ORDERS_PER_SECOND = 100;

/** Places orders at a steady rate, and ignores the answers. @returns a function that stops it */
function placeOrders({ url }: BenchStack): () => void {
  const place = () => {
    const item_id = ITEMS[Math.floor(Math.random() * ITEMS.length)];
    fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({ item_id, quantity: 1 }),
      signal: AbortSignal.timeout(2_000),
    })
      .then((response) => response.text())
      .catch(() => undefined);
  };
  const timer = setInterval(place, 1_000 / ORDERS_PER_SECOND);
  return () => clearInterval(timer);
}

async function measure(name: string, halts: number): Promise<HaltResult[]> {
  const situation = SITUATIONS[name];
  if (!situation) throw new Error(`no situation "${name}": ${Object.keys(SITUATIONS).join(', ')}`);
  const bench = await startBenchStack();
  try {
    await bench.restock();
    const stopOrders = placeOrders(bench);
    const results: HaltResult[] = [];
    while (results.length < halts) results.push(await measureHalt(bench, situation));
    stopOrders();
    return results;
  } finally {
    await bench.stop();
  }
}

/** A row of the table in docs/chaos.md. */
function rowOf(name: string, results: readonly HaltResult[]): string {
  const spread = (values: number[]) => {
    const at = percentilesOf(values);
    return [0.5, 0.95, 1].map((share) => Math.round(at(share) ?? 0)).join(' / ');
  };
  const untold = results.flatMap(({ untoldMs }) => untoldMs ?? []);
  const told = spread(results.map(({ ms }) => ms));
  return `| ${SITUATIONS[name]?.title} | ${results.length} | ${told} | ${untold.length} | ${untold.length ? spread(untold) : ''} |`;
}

const program = commandLine('npx node bench/src/halts/cli.ts')
  .description('Halts chaos at random moments under 100 orders/s, and prints how long its effects last.')
  .argument('[situations...]', `of ${Object.keys(SITUATIONS).join(', ')}; all unless named`)
  .option('--halts <number>', 'in each situation', wholeNumber, 50)
  .action(async (names: string[], { halts }: { halts: number }) => {
    console.log(
      '| situation | halts | clean after, ms: median / 95 % / slowest | a process was not told | it was clean, ms |',
    );
    console.log('|---|---|---|---|---|');
    for (const name of names.length > 0 ? names : Object.keys(SITUATIONS)) {
      console.log(rowOf(name, await measure(name, halts)));
    }
  });

try {
  await program.parseAsync();
  process.exit(0);
} catch (error) {
  process.exit(exitCodeOf(error));
}

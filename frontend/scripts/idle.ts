import { commandLine, readArguments } from '@valerix/local-stack/commands/command-line';
import type { Page } from 'playwright-core';
import { startSystem } from '../test/browser-system.ts';

/** The share of a core that a page's main thread takes over the next seconds, in CPU time, so that a busy machine changes little. */
export async function shareOfCore(page: Page, seconds: number): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taken = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await taken();
  await page.waitForTimeout(seconds * 1000);
  const after = await taken();
  await client.detach();
  return (after - before) / seconds;
}

/** How long each state is measured, seconds. */
const SECONDS = 10;

if (import.meta.main) {
  const [path] = readArguments(
    commandLine('npm run idle -w frontend --')
      .description('Prints the share of a core that the main thread of an open page takes while nothing happens.')
      .argument('[page]', 'its path', '/'),
  ) as [string];
  const system = await startSystem();
  try {
    const page = await system.page(path);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.waitForTimeout(5_000);
    const measure = async (what: string) => {
      const share = await shareOfCore(page, SECONDS);
      process.stdout.write(`${path} ${what}: ${(share * 100).toFixed(2)} % of a core\n`);
    };
    await measure('visible');
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await measure('hidden');
    // After half a minute it has left the stream.
    await page.waitForTimeout(22_000);
    await measure('hidden for longer');
  } finally {
    await system.stop();
  }
}

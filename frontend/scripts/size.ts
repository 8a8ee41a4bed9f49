import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startStack } from '@valerix/local-stack';
import { commandLine, readArguments } from '@valerix/local-stack/commands/command-line';

// Counts every script that the page names, lazy ones included, but not the polyfills, which current browsers skip.

/** The budget of a page's first load. */
export const BUDGET_KB = 200;

/** The scripts of a page with their gzip sizes in kB (1000 bytes), largest first. */
export async function measureFirstLoad(url: string) {
  const html = await (await fetch(url)).text();
  return scriptsOf(html)
    .map((path) => ({ path, kilobytes: gzipSync(readFileSync(fileOf(path)), { level: 6 }).length / 1000 }))
    .sort((a, b) => b.kilobytes - a.kilobytes);
}

function scriptsOf(html: string): string[] {
  const polyfills = (html.match(/<script[^>]*nomodule[^>]*>/gi) ?? []).join('');
  // The page's data names chunks too: those of client components.
  const chunks = html.match(/static\/chunks\/[\w.~/-]+?\.js/g) ?? [];
  return [...new Set(chunks)].filter((path) => !polyfills.includes(path));
}

const fileOf = (path: string): string => fileURLToPath(new URL(`../.next/${path}`, import.meta.url));

if (import.meta.main) {
  const [page] = readArguments(
    commandLine('npm run size -w frontend --')
      .description(`Prints the compressed JavaScript of a page's first load; fails over ${BUDGET_KB} kB.`)
      .argument('[page]', 'its path', '/'),
  ) as [string];
  const stack = await startStack({ companions: ['dashboard'] });
  const files = await measureFirstLoad(`${stack.companions.dashboard.urls[0]}${page}`).finally(() => stack.stop());
  const total = files.reduce((sum, file) => sum + file.kilobytes, 0);
  const line = (kilobytes: number, words: string) => `${kilobytes.toFixed(1).padStart(7)} kB  ${words}\n`;
  for (const { kilobytes, path } of files) process.stdout.write(line(kilobytes, path));
  process.stdout.write(line(total, `first load of ${page}, gzip; the budget is ${BUDGET_KB} kB`));
  if (total > BUDGET_KB) process.exit(1);
}

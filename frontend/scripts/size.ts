import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startBuilt } from './start-built.ts';

// Prints the JavaScript that the first load of the overview needs, compressed: `npm run size -w frontend`.
// Counts every script the page names, the lazily loaded too; not the polyfills, which today's browsers leave out.

/** The budget of the overview's first load. */
export const BUDGET_KB = 200;

interface SizedFile {
  readonly path: string;
  readonly kilobytes: number;
}

/** The scripts of a page of the built dashboard with their gzip sizes, largest first. 1 kB is 1000 bytes. */
export async function measureFirstLoad(page = '/'): Promise<SizedFile[]> {
  const server = await startBuilt();
  try {
    const html = await (await fetch(`${server.url}${page}`)).text();
    return scriptsOf(html)
      .map((path) => ({ path, kilobytes: gzipSync(readFileSync(fileOf(path)), { level: 6 }).length / 1000 }))
      .sort((a, b) => b.kilobytes - a.kilobytes);
  } finally {
    await server.stop();
  }
}

function scriptsOf(html: string): string[] {
  const tags = html.match(/<script[^>]*>/g) ?? [];
  const named = tags.filter((tag) => !/nomodule/i.test(tag)).map((tag) => /src="([^"]+)"/.exec(tag)?.[1]);
  // Next names the chunks of client components inside the page's data.
  const inData = html.match(/\/_next\/static\/chunks\/[\w.~/-]+?\.js|static\/chunks\/[\w.~/-]+?\.js/g) ?? [];
  const polyfills = tags.filter((tag) => /nomodule/i.test(tag)).join('');
  const all = [...named, ...inData]
    .filter((path): path is string => path !== undefined)
    .map((path) => (path.startsWith('/') ? path : `/_next/${path}`))
    .map((path) => path.split('?')[0] ?? path);
  return [...new Set(all)].filter((path) => path.endsWith('.js') && !polyfills.includes(path));
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(`../.next/${path.replace('/_next/', '')}`, import.meta.url));
}

if (import.meta.main) {
  const page = process.argv[2] ?? '/';
  const files = await measureFirstLoad(page);
  const total = files.reduce((sum, file) => sum + file.kilobytes, 0);
  for (const file of files) process.stdout.write(`${file.kilobytes.toFixed(1).padStart(7)} kB  ${file.path}\n`);
  process.stdout.write(
    `${total.toFixed(1).padStart(7)} kB  first load of ${page}, gzip; the budget is ${BUDGET_KB} kB\n`,
  );
  if (page === '/' && total > BUDGET_KB) process.exit(1);
}

import type { Page } from './use-read.ts';

/** The most rows of one export: a page holds them in memory. */
export const MAX_EXPORTED = 10_000;

/** Reads pages until the last one, or until there are enough rows. */
export async function readAll<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await read(cursor);
    rows.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null || page.items.length === 0 || rows.length >= MAX_EXPORTED) return rows.slice(0, MAX_EXPORTED);
  }
}

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function toCsv(rows: ReadonlyArray<Readonly<Record<string, unknown>>>): string {
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown): string => {
    const text =
      value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : `${value}`;
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');
}

/** Gives the browser a file to save. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

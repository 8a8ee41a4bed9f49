import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../docs/simulation.md');

/** Puts a text between two markers of docs/simulation.md. @throws Error when they are missing */
export function writeBetween(marker: string, text: string): void {
  rewrite(marker, () => text);
}

/**
 * Puts a row into the table between two markers, in place of the one with the same first cell: an interrupted run keeps its rows. Those
 * whose first cell is not in `names` are dropped.
 */
export function writeRow(marker: string, row: string, names: readonly string[]): void {
  rewrite(marker, (table) => {
    const [head, rule, ...rows] = table.trim().split('\n');
    const byName = new Map([...rows, row].map((one) => [one.split(' | ', 1)[0]?.slice(2), one]));
    return [head, rule, ...names.flatMap((name) => byName.get(name) ?? [])].join('\n');
  });
}

function rewrite(marker: string, change: (text: string) => string): void {
  const document = readFileSync(FILE, 'utf8');
  const start = document.indexOf(`<!-- ${marker}:start`);
  const from = document.indexOf('\n', start) + 1;
  const to = document.indexOf(`<!-- ${marker}:end -->`);
  if (start < 0 || to < from) throw new Error(`${FILE} needs the markers ${marker}:start and ${marker}:end`);
  writeFileSync(FILE, `${document.slice(0, from)}\n${change(document.slice(from, to))}\n\n${document.slice(to)}`);
}

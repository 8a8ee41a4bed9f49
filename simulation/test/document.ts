import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../docs/simulation.md');

/** Puts a text between two markers of docs/simulation.md. @throws Error when they are missing */
export function writeBetween(marker: string, text: string): void {
  const document = readFileSync(FILE, 'utf8');
  const start = document.indexOf(`<!-- ${marker}:start`);
  const from = document.indexOf('\n', start) + 1;
  const to = document.indexOf(`<!-- ${marker}:end -->`);
  if (start < 0 || to < from) throw new Error(`${FILE} needs the markers ${marker}:start and ${marker}:end`);
  writeFileSync(FILE, `${document.slice(0, from)}\n${text}\n\n${document.slice(to)}`);
}

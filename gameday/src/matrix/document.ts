import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The document with the matrix. */
export const matrixDocument = join(import.meta.dirname, '../../../docs/defences.md');

const START = '<!-- matrix:start (written by `make gameday-matrix`; edit above and below) -->';
const END = '<!-- matrix:end -->';

/** Puts a table between the document's markers. @throws Error when they are missing */
export const writeMatrix = (table: string): void =>
  writeFileSync(matrixDocument, withMatrix(readFileSync(matrixDocument, 'utf8'), table));

/** The document with the table between its markers. @throws Error when they are missing */
export function withMatrix(document: string, table: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`docs/defences.md needs the lines "${START}" and "${END}"`);
  return `${document.slice(0, start)}${START}\n\n${table}\n\n${document.slice(end)}`;
}

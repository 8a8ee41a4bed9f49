import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERRORS as INVENTORY_ERRORS } from '../inventory-service/src/errors.ts';
import { ERRORS as ORDER_ERRORS } from '../order-service/src/errors.ts';

const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

const row = ([code, entry]: [string, { status: number; title: string; meaning: string }]) =>
  `| \`${code}\` | ${entry.status} | ${entry.title} | ${entry.meaning} |`;

test.each([
  ['order-service', ORDER_ERRORS],
  ['inventory-service', INVENTORY_ERRORS],
])('docs/errors.md lists the errors of %s exactly', (service, catalogue) => {
  const section = document.split(/^## /m).find((part) => part.startsWith(service)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(Object.entries(catalogue).map(row));
});

import { readFileSync } from 'node:fs';
import { FAILPOINTS, FAULT_TYPES } from '@valerix/contracts';
import { expect, test } from 'vitest';

const document = readFileSync(new URL('../docs/chaos.md', import.meta.url), 'utf8');
const rowsOf = (title: string) =>
  (document.split(/^## /m).find((part) => part.startsWith(title)) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '));

test('docs/chaos.md has every failpoint, with its description', () => {
  const rows = FAILPOINTS.map(({ service, point, description }) => `| ${service} | \`${point}\` | ${description} |`);
  expect(rowsOf('Failpoints').slice(1)).toEqual(rows);
});

test('docs/chaos.md has every type of fault', () => {
  const types = rowsOf('Types')
    .slice(1)
    .map((row) => row.split('`')[1]);
  expect(types).toEqual([...FAULT_TYPES]);
});

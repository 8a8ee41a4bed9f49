import { readFileSync } from 'node:fs';
import { COMMON_FAILPOINTS, FAILPOINTS, FAULT_TYPES } from '@valerix/contracts';
import { expect, it } from 'vitest';

const document = readFileSync(new URL('../docs/chaos.md', import.meta.url), 'utf8');
const rowsOf = (title: string) =>
  (document.split(/^## /m).find((part) => part.startsWith(title)) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '));

it('docs/chaos.md has every failpoint, with its description', () => {
  const common = Object.entries(COMMON_FAILPOINTS).map(([point, { description }]) => ({ point, description }));
  const own = FAILPOINTS.filter(
    ({ point, description }) => !common.some((c) => c.point === point && c.description === description),
  );
  const rows = [...common.map((row) => ({ service: 'every service', ...row })), ...own];
  expect(rowsOf('Failpoints').slice(1)).toEqual(
    rows.map(({ service, point, description }) => `| ${service} | \`${point}\` | ${description} |`),
  );
});

it('docs/chaos.md has every type of fault', () => {
  const types = rowsOf('Types')
    .slice(1)
    .map((row) => row.split('`')[1]);
  expect(types).toEqual([...FAULT_TYPES]);
});

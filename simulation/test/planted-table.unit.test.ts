import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PLANTED } from './planted.ts';

it('docs/simulation.md has rows of planted faults that exist, in their order', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/simulation.md'), 'utf8');
  const table = text.split('<!-- planted:start')[1]?.split('<!-- planted:end')[0] ?? '';
  const rows = [...table.matchAll(/^\| (.+?) \| /gm)].map(([, name]) => name).slice(1);
  const named = PLANTED.map(({ name }) => name).filter((name) => rows.includes(name));
  expect(rows.length).toBeGreaterThan(0);
  expect(rows).toEqual(named);
});

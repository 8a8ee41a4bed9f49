import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PLANTED } from './planted.ts';

const SEEDS = 200;
const EVENTS = 20;
const SECONDS = 60;

const text = readFileSync(join(import.meta.dirname, '../../docs/simulation.md'), 'utf8');
const table = text.split('<!-- planted:start')[1]?.split('<!-- planted:end')[0] ?? '';
const rows = [...table.matchAll(/^\| (?!planted \|)(.+?) \| (.+?) \| (.*) \|$/gm)].map(
  ([, name = '', first = '', rest = '']) => ({
    name,
    first,
    shrunk: rest.split(' | ').at(-1)?.trim() ?? '',
  }),
);

it('docs/simulation.md has rows of planted faults that exist, in their order', () => {
  const names = rows.map(({ name }) => name);
  expect(rows.length).toBeGreaterThan(0);
  expect(names).toEqual(PLANTED.map(({ name }) => name).filter((name) => names.includes(name)));
});

it('docs/simulation.md says of each planted fault which of the first seeds finds it, or why none can', () => {
  const missed = rows.filter(({ first }) => !first.startsWith('not planted: ') && !(Number(first) <= SEEDS));
  expect(missed).toEqual([]);
});

it('docs/simulation.md has no planted fault that was not shrunk to a few events in a minute', () => {
  const sizes = rows
    .filter(({ shrunk }) => /\d/.test(shrunk))
    .map(({ name, shrunk }) => [name, ...(/^(\d+) in (\d+) s$/.exec(shrunk) ?? [])]);
  const large = sizes.filter(([, , events, seconds]) => !(Number(events) <= EVENTS && Number(seconds) <= SECONDS));
  expect(large).toEqual([]);
});

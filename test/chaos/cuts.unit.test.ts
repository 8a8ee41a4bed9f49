import { readFileSync } from 'node:fs';
import { DEFENCES } from '@valerix/gameday/defences';
import { applyCuts } from '@valerix/gameday/laboratory';
import { expect, it } from 'vitest';
import { PAST } from '../../simulation/test/planted.ts';
import { ACCESS_SABOTAGES } from './access-sabotages.ts';
import { SABOTAGES } from './sabotages.ts';

const ALL = [...DEFENCES, ...SABOTAGES, ...ACCESS_SABOTAGES, ...PAST];

const sourceOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

it.each(ALL)('what is cut out is in the source, once: $name', ({ cuts }) => {
  expect(cuts.length).toBeGreaterThan(0);
  for (const [file, here] of Map.groupBy(cuts, (cut) => cut.file)) {
    expect(applyCuts(sourceOf(file as string), here)).not.toBe(sourceOf(file as string));
  }
});

it.each(ALL)('what is cut out is code, so that a comment can be rewritten: $name', ({ cuts }) => {
  for (const { find } of cuts) expect(find).not.toMatch(/\/\/|\/\*|^\s*\*|(?:^|\s)-- /m);
});

it.each(DEFENCES)('the parts of a defence are where it says: $name', ({ where }) => {
  for (const place of where) {
    const [file = '', symbol = ''] = place.split(':');
    expect(sourceOf(file)).toContain(symbol);
  }
});

it('a text that is gone, or there twice, is an error', () => {
  const cut = { file: 'x.ts', find: 'guard();', replace: '' };
  expect(applyCuts('a(); guard(); b();', [cut])).toBe('a();  b();');
  expect(() => applyCuts('a();', [cut])).toThrow('x.ts has no longer: guard();');
  expect(() => applyCuts('guard(); guard();', [cut])).toThrow('x.ts has 2 times: guard();');
});

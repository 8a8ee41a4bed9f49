import { expect, it } from 'vitest';
import { momentAfter } from '../src/ui/moment-after.ts';

it('the arrow keys cross a chart in sixty steps, from its end, and stop at its edges', () => {
  const range = [1_000, 1_600] as const;
  const press = (key: string, times: number, start: number | null = null) =>
    Array.from({ length: times }).reduce<number | null>((at) => momentAfter(key, at, range) ?? null, start);
  expect([1, 2, 60, 61].map((times) => press('ArrowLeft', times))).toEqual([1_590, 1_580, 1_000, 1_000]);
  expect(press('ArrowRight', 3, 1_000)).toBe(1_030);
  expect([press('Home', 1), press('End', 1, 1_000), press('ArrowRight', 1)]).toEqual([1_000, 1_600, 1_600]);
  expect([momentAfter('Escape', 1_300, range), momentAfter('a', 1_300, range)]).toEqual([null, undefined]);
});

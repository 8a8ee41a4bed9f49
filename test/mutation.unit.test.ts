import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXPLAINED } from './mutation/explained.ts';
import { judge, mergedRows, rowsOf, type Tried, tableOf } from './mutation/judge.ts';
import { mutated } from './mutation/play-seeds.ts';
import { isProse } from './mutation/prose.ts';
import { TARGETS } from './mutation/targets.ts';

const RULES = 'inventory-service/src/decide.ts';
const CHECKER = 'gameday/src/checker/judge-order.ts';
const survivor = (file: string, line: string) => ({ file, line, mutant: `${line} → false`, at: 1 });
const tried = (file: string, killed: number, ...lines: string[]): Tried => ({
  ...{ file, killed, survivors: lines.map((line) => survivor(file, line)) },
});
const explained = (file: string, line: string) => ({ ...survivor(file, line), reason: 'equal' });

describe('the mutation score', () => {
  it('fails for one survivor of the rules without a reason, and for none that is explained', () => {
    expect(judge([tried(RULES, 99, 'a')], []).failed).toHaveLength(1);
    expect(judge([tried(RULES, 99, 'a')], [explained(RULES, 'a')]).failed).toEqual([]);
    expect(judge([tried(RULES, 99, 'a')], [explained(CHECKER, 'a')]).failed).toHaveLength(1);
  });

  it('lets the checker have one survivor in ten', () => {
    expect(judge([tried(CHECKER, 9, 'a')], []).failed).toEqual([]);
    expect(judge([tried(CHECKER, 8, 'a')], []).failed).toMatchObject([{ part: 'checker' }]);
  });

  it('names a reason that no survivor needs any more, if its file was tried', () => {
    const reasons = [explained(RULES, 'gone'), explained(CHECKER, 'other')];
    expect(judge([tried(RULES, 1)], reasons).stale).toEqual([reasons[0]]);
  });

  it('never rounds up to all', () => {
    expect(tableOf(judge([tried(RULES, 9_999, 'a')], []).rows)).toContain('| 9999 | 0 | 0 | 1 | 99.9 % |');
  });

  it('counts what broke a world of the simulation as killed', () => {
    const one = { ...tried(CHECKER, 8, 'a'), bySeeds: 1 };
    expect(judge([one], []).failed).toEqual([]);
    expect(tableOf(judge([one], []).rows)).toContain('| 8 | 1 | 0 | 1 | 90 % |');
  });

  it('reads its own table, and replaces the rows of the files that were tried', () => {
    const { rows } = judge([tried(RULES, 9, 'a'), tried(CHECKER, 9)], [explained(RULES, 'a')]);
    expect(rowsOf(tableOf(rows))).toEqual(rows);
    const [again] = judge([tried(CHECKER, 8, 'b')], []).rows;
    expect(mergedRows(rows, again ? [again] : [])).toEqual([rows[0], again]);
  });
});

it('a mutant stands in its place in the source, over one line or more', () => {
  const source = 'const a = 1;\nif (a) {\n  b();\n}\n';
  const place = (line: number, column: number, endLine: number, endColumn: number) => ({
    ...{ start: { line, column }, end: { line: endLine, column: endColumn } },
  });
  expect(mutated(source, place(1, 11, 1, 12), '2')).toBe('const a = 2;\nif (a) {\n  b();\n}\n');
  expect(mutated(source, place(2, 8, 4, 2), '{}')).toBe('const a = 1;\nif (a) {}\n');
});

it('leaves out texts for people and other languages, and no name, format or code', () => {
  for (const text of ['was sent more than once', 'SELECT 1 FROM orders', 'The  header .'])
    expect(isProse(text)).toBe(true);
  for (const text of ['order.created', 'carry-out', '  \n', 'total ', 'valerix:replay:', ''])
    expect(isProse(text)).toBe(false);
});

it('the files and tests of the mutation score exist, and each explained survivor is of one of these files', () => {
  for (const { file, tests } of TARGETS) {
    for (const path of [file, ...tests]) expect(existsSync(join(import.meta.dirname, '..', path)), path).toBe(true);
  }
  const files = TARGETS.map(({ file }) => file);
  expect(EXPLAINED.filter(({ file, reason }) => !files.includes(file) || reason === '')).toEqual([]);
});

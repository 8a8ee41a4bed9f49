import { expect, it } from 'vitest';
import { type GateEntry, junitOf, summaryOf } from '../src/report/gate.ts';
import type { RunResult } from '../src/runner/run.ts';
import { Tally } from '../src/runner/tally.ts';

const ended = (verdict: RunResult['verdict'], ...reasons: string[]) =>
  ({ verdict, reasons, start: new Date(0), end: new Date(1_500), tally: new Tally() }) as unknown as RunResult;

const ENTRIES: GateEntry[] = [
  { name: 'good', result: ended('PASS', 'All is well.') },
  { name: 'a<b & "c"', result: ended('FAIL', 'I4 is broken\n(1 found).', 'x\u0000y|z') },
  { name: 'short', result: ended('INCONCLUSIVE', 'Not shown.') },
  { name: 'away', problem: 'Redis is not installed.' },
  { name: 'slow', result: ended('PASS', 'All is well.'), worse: ['The drain is 9 s.'] },
];

it("JUnit's XML counts failures and errors, names each experiment, and escapes what XML cannot hold", () => {
  const xml = junitOf(ENTRIES);
  expect(xml).toContain('<testsuites tests="5" failures="2" errors="2" time="6.000">');
  expect(xml).toContain('<testcase classname="gameday" name="good" time="1.500"></testcase>');
  expect(xml).toContain('name="a&lt;b &amp; &quot;c&quot;" time="1.500"><failure type="FAIL"');
  expect(xml).toContain('message="I4 is broken&#10;(1 found).&#10;xy|z"');
  expect(xml).toContain('<error type="INCONCLUSIVE" message="Not shown.">Not shown.</error>');
  expect(xml).toContain('<error type="NOT RUN" message="Redis is not installed.">');
  expect(xml).toContain('<failure type="WORSE" message="The drain is 9 s.">');
});

it('the summary is one row of a Markdown table for each experiment', () => {
  const rows = summaryOf(ENTRIES).trimEnd().split('\n');
  expect(rows).toHaveLength(7);
  expect(rows[3]).toBe('| a<b & "c" | **FAIL** | 0 | 0 / 0 ms | I4 is broken (1 found).<br>x\u0000y\\|z |');
  expect(rows[5]).toBe('| away | **NOT RUN** | – | – | Redis is not installed. |');
  expect(rows[6]).toBe('| slow | **WORSE** | 0 | 0 / 0 ms | The drain is 9 s. |');
});

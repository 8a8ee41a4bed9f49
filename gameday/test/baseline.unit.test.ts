import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { loadExperiment } from '../src/experiment/load-experiment.ts';
import { figuresOf, readBaseline, requireComparable, worseThan, writeBaseline } from '../src/report/baseline.ts';
import type { RunResult } from '../src/runner/run.ts';
import { Tally } from '../src/runner/tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-baseline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BEFORE = { p95_ms: 100, confirmed_at_once: 0.9, recovery_s: 2, drain_s: 4 };

function result(name: string, latencyMs: number): RunResult {
  const tally = new Tally();
  for (const [op, status] of [201, 201, 201, 202].entries()) {
    tally.add({ f: 'place', type: 'ok', status, t: 1, op, latency: latencyMs } as never);
  }
  const recoveries = [
    { fault: 'a', endedAt: 0, seconds: 2.5 },
    { fault: 'b', endedAt: 0 },
  ];
  const ended = { rate: 20, durationS: 30, recoveries, drained: { seconds: 1.2345 } };
  return { experiment: { name }, tally, ...ended } as unknown as RunResult;
}

it('names each figure that is worse by more than its tolerance, and no other', () => {
  expect(worseThan(BEFORE, BEFORE)).toEqual([]);
  expect(worseThan(BEFORE, { p95_ms: 200, confirmed_at_once: 0.8, recovery_s: 6, drain_s: 9 })).toEqual([]);
  expect(worseThan(BEFORE, { p95_ms: 1, confirmed_at_once: 1, recovery_s: 0, drain_s: 0 })).toEqual([]);
  expect(worseThan(BEFORE, { p95_ms: 201, confirmed_at_once: 0.7, recovery_s: 6.1, drain_s: 9.1 })).toEqual([
    'The p95 is 201 ms; the baseline has 100 ms, and allows 200 ms.',
    'The share confirmed at once is 0.7; the baseline has 0.9, and allows 0.8.',
    'The longest recovery is 6.1 s; the baseline has 2 s, and allows 6 s.',
    'The drain is 9.1 s; the baseline has 4 s, and allows 9 s.',
  ]);
});

it('a figure that the run no longer shows is worse; one that the baseline lacks is not judged', () => {
  const none = { p95_ms: null, confirmed_at_once: null, recovery_s: null, drain_s: null };
  expect(worseThan(BEFORE, none)).toHaveLength(4);
  expect(worseThan(none, BEFORE)).toEqual([]);
});

it('what is judged worse stays worse when it gets worse still', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(5_000), fc.nat(5_000), (was, is, more) => {
      const worse = (p95_ms: number) => worseThan({ ...BEFORE, p95_ms: was }, { ...BEFORE, p95_ms }).length;
      expect(worse(is + more)).toBeGreaterThanOrEqual(worse(is));
    }),
  );
});

it('the file keeps the figures of experiments that were not run, and is read back as written', () => {
  const file = join(folder, 'baseline.json');
  writeBaseline(file, [result('one', 10), result('two', 10)]);
  writeBaseline(file, [result('two', 20)]);
  const read = readBaseline(file);
  expect(Object.keys(read)).toEqual(['one', 'two']);
  expect(read.two).toEqual(figuresOf(result('two', 20)));
  expect(read.one).toMatchObject({
    rate: 20,
    duration_s: 30,
    confirmed_at_once: 0.75,
    recovery_s: 2.5,
    drain_s: 1.235,
  });
});

it('refuses, before anything runs, a comparison with another rate or duration, or with nothing', () => {
  const experiment = loadExperiment('schrodinger');
  const { duration_s, workload } = experiment.valerix;
  const all = { schrodinger: { ...BEFORE, rate: workload.rate, duration_s } };
  const check = (settings: { rate?: number; duration?: number }) =>
    requireComparable('b.json', all, [experiment], settings);
  expect(() => check({})).not.toThrow();
  expect(() => check({ rate: workload.rate, duration: duration_s })).not.toThrow();
  expect(() => check({ rate: workload.rate + 1 })).toThrow(/b\.json has "schrodinger" at/);
  expect(() => check({ duration: duration_s + 1 })).toThrow(/not .* orders\/s for/);
  expect(() => requireComparable('b.json', {}, [experiment], {})).toThrow(/has no "schrodinger"/);
});

it('says when a file is no baseline', () => {
  const file = join(folder, 'other.json');
  writeFileSync(file, '{"one": 1}');
  expect(() => readBaseline(file)).toThrow(/is not a baseline/);
  expect(readBaseline(join(folder, 'none.json'))).toEqual({});
});

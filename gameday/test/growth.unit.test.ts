import { describe, expect, it } from 'vitest';
import { growthOf } from '../src/runner/growth.ts';
import type { Sample } from '../src/runner/observe.ts';
import { Tally } from '../src/runner/tally.ts';
import { judge } from '../src/runner/verdict.ts';
import { good } from './support/good-findings.ts';

const SECONDS = 400;

/** A run in which the p95 and a process's megabytes have a value for each quarter. */
function run(
  latencies: number[],
  megabytes: (number | undefined)[],
  spike?: number,
  idle = (_second: number) => false,
) {
  const tally = new Tally();
  const samples: Sample[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const quarter = Math.floor((4 * second) / SECONDS);
    const t = second * 1_000;
    const latency = quarter === 3 && second % 10 === 0 ? (spike ?? 0) : 0;
    for (const answer of [0, 1, 2]) {
      const ms = Math.max(latency, latencies[quarter] as number);
      tally.add({ t, op: second * 3 + answer, f: 'place', type: 'ok', status: 201, latency: ms, intended: t });
    }
    const mb = megabytes[quarter];
    samples.push({ t, memory: mb === undefined ? {} : { 'order-service': mb * (idle(second) ? 0.7e6 : 1e6) } });
  }
  return growthOf(0.1, SECONDS, tally.seconds, samples);
}

describe('growth', () => {
  it('passes when only the first quarter differs', () => {
    const growth = run([50, 10, 10, 10], [90, 150, 160, 160]);
    expect(growth.series.map(({ name }) => name)).toEqual(['p95 of the orders', 'memory of order-service']);
    expect(judge({ ...good, growth }).verdict).toBe('PASS');
  });

  it('fails when memory or latency grew beyond the limit from the second quarter to the last', () => {
    expect(judge({ ...good, growth: run([10, 10, 10, 13], [100, 100, 150, 120]) })).toMatchObject({
      verdict: 'FAIL',
      reasons: [
        expect.stringMatching(/^The p95 of the orders grew by \d+ % /),
        'The memory of order-service grew by 20 % from the second quarter to the last (100 to 120 MB).',
      ],
    });
  });

  it('passes when they fell', () => {
    expect(judge({ ...good, growth: run([10, 10, 10, 2], [100, 100, 80, 60]) }).verdict).toBe('PASS');
  });

  it('does not judge by the few seconds of a fault', () => {
    expect(judge({ ...good, growth: run([10, 10, 10, 10], [100, 100, 100, 100], 3_000) }).verdict).toBe('PASS');
  });

  it('does not take an idle quarter, or a collection, for the memory of a process', () => {
    const growth = run([10, 10, 10, 10], [100, 100, 100, 100], undefined, (second) => second % 8 < 5 && second < 200);
    expect(judge({ ...good, growth }).verdict).toBe('PASS');
  });

  it('is inconclusive when a process was not measured in one of the two quarters', () => {
    const growth = run([10, 10, 10, 10], [100, 100, 100, undefined]);
    expect(judge({ ...good, growth })).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: ['Not measured in the second and the last quarter: the memory of order-service.'],
    });
  });

  it('is not judged without a limit', () => {
    expect(judge(good).verdict).toBe('PASS');
  });
});

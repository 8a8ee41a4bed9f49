import type { Gameday, GamedayPoint } from '@valerix/contracts';
import { describe, expect, it } from 'vitest';
import { formatElapsed } from '../src/browser/format.ts';
import { formErrors } from '../src/gamedays/start-errors.ts';
import {
  byLevel,
  commonScale,
  currentStep,
  faultBands,
  faultLanes,
  faultSpans,
  figuresOf,
  longRunWords,
  lookOf,
  recoveryWords,
  timeSplits,
} from '../src/gamedays/words.ts';

const point = (t: number, ...faults: string[]): GamedayPoint => ({
  t,
  confirmed: 1,
  queued: 0,
  refused: 0,
  unknown: 0,
  p50_ms: 1,
  p99_ms: 1,
  queue: 0,
  faults,
});

describe('the faults of a run', () => {
  const points = [point(1), point(2, 'a'), point(3, 'a', 'b'), point(4, 'b'), point(5), point(6, 'a')];

  it('have a span for each occurrence, and the last span stays open only while the fault is active', () => {
    const earlier = [
      { name: 'a', from: 2, to: 3 },
      { name: 'b', from: 3, to: 4 },
    ];
    expect(faultSpans(points, ['a'])).toEqual([...earlier, { name: 'a', from: 6, to: null }]);
    expect(faultSpans(points, [])).toEqual([...earlier, { name: 'a', from: 6, to: 6 }]);
    expect(faultSpans([], [])).toEqual([]);
  });

  it('shade the time with active faults', () => {
    expect(faultBands(points)).toEqual([
      { start: 2, end: 4 },
      { start: 6, end: 6 },
    ]);
  });
});

describe('two runs', () => {
  it('get axes that neither chart would exceed by itself', () => {
    const [low, high] = [point(1), { ...point(9), confirmed: 100, p99_ms: 900 }];
    const run = { duration_s: 5 } as Gameday;
    const { seconds, answers, latency } = commonScale([
      { gameday: run, points: [low] },
      { gameday: run, points: [high] },
    ]);
    expect(seconds).toBe(9);
    expect(answers).toBeGreaterThan(1.12 * 100);
    expect(latency).toBeGreaterThan(1.12 * 900);
  });

  const recovery = (seconds: number | null) => ({ fault: 'a', ended_s: 1, seconds });

  it('compare the longest recovery only if each was seen', () => {
    const longest = (...recoveries: Gameday['recoveries']) =>
      figuresOf({ recoveries } as Gameday)['longest recovery, s'];
    expect(longest(recovery(1), recovery(2.34))).toBe(2.3);
    expect([longest(), longest(recovery(null)), longest(recovery(1), recovery(null))]).toEqual([null, null, null]);
  });

  it('say how long each fault took to recover from, or that no recovery was seen', () => {
    expect(recoveryWords([])).toBe('');
    expect(recoveryWords([recovery(1.5)])).toBe('Served as usual again 1.5 s later.');
    expect(recoveryWords([recovery(1), recovery(2)])).toBe('Served as usual again at most 2 s later.');
    const missed = 'No recovery was seen before the next fault or the end of the load';
    expect(recoveryWords([recovery(null)])).toBe(`${missed}.`);
    const one = 'Served as usual again 1 s later.';
    expect(recoveryWords([recovery(1), recovery(null)])).toBe(`${one} ${missed} once.`);
    expect(recoveryWords([recovery(1), recovery(null), recovery(null)])).toBe(`${one} ${missed} 2 times.`);
  });
});

describe('the time axis of a run', () => {
  it.each([5, 38, 115, 600, 3_600, 86_400])('has a few round marks over %i s', (seconds) => {
    const splits = timeSplits(seconds);
    expect(splits.length).toBeGreaterThanOrEqual(2);
    expect(splits.length).toBeLessThanOrEqual(6);
    expect(splits.at(-1)).toBeLessThanOrEqual(seconds);
  });

  it('uses minutes for long times', () => {
    expect([45, 90, 120, 900].map(formatElapsed)).toEqual(['45 s', '90 s', '2 min', '15 min']);
  });
});

describe('the look of a run', () => {
  it('is green only for PASS', () => {
    const looks = (['PASS', 'FAIL', 'INCONCLUSIVE'] as const).map(
      (verdict) => lookOf({ state: 'finished', verdict }).tone,
    );
    expect(looks).toEqual(['ok', 'bad', 'warn']);
    expect(lookOf({ state: 'failed', verdict: null })).toEqual({ tone: 'unknown', word: 'no verdict' });
    expect(lookOf({ state: 'running', verdict: null }).tone).toBe('info');
  });
});

describe('the list of experiments', () => {
  it('has the easy ones first, and of each level the shortest, by its steps if they take longer', () => {
    const listed = [
      { name: 'hours', level: 'hard', duration_s: 7_200, method_s: 100 },
      { name: 'long', level: 'easy', duration_s: 50, method_s: 50 },
      { name: 'short', level: 'easy', duration_s: 35, method_s: 30 },
      { name: 'steps', level: 'easy', duration_s: 10, method_s: 40 },
    ] as const;
    const shown = byLevel(listed).map(([words, some]) => [words.split(':')[0], some.map(({ name }) => name)]);
    expect(shown).toEqual([
      ['Easy', ['short', 'steps', 'long']],
      ['Hard', ['hours']],
    ]);
  });
});

describe('a long run', () => {
  it('is one whose load or steps take long: it is started only after a question', () => {
    expect(longRunWords({ duration_s: 600, method_s: 30 })).toBe(null);
    expect(longRunWords({ duration_s: 601, method_s: 30 })).toContain('10 min');
    expect(longRunWords({ duration_s: 15, method_s: 3_000 })).toContain('50 min');
  });
});

describe('the form that starts one', () => {
  it("names each wrong field, and takes the experiment's default for an empty one", () => {
    expect(formErrors({ seed: '', duration_s: '', rate: '' })).toEqual({});
    expect(formErrors({ seed: '1.5', duration_s: 'ten', rate: '100000' })).toEqual({
      seed: 'must be a whole number',
      duration_s: 'must be a whole number',
      rate: 'must be from 1 to 500 orders a second',
    });
  });
});

describe('the steps of a run', () => {
  const method = [0, 10, 10, 25].map((second, index) => ({ name: `${index}`, does: '', after_s: second }));
  it('are marked by the time of the load, over and over in a longer run', () => {
    const at = (seconds: number) => currentStep({ method, method_s: 30 }, seconds * 1000);
    expect([0, 9, 10, 24, 25, 29, 30, 41].map(at)).toEqual([0, 0, 2, 2, 3, 3, 0, 2]);
    expect(currentStep({ method: [], method_s: 0 }, 5_000)).toBe(-1);
  });
});

describe('the lanes of a chart', () => {
  it('keep two faults apart that are active at the same time', () => {
    const points = [[], ['a'], ['a', 'b'], ['b']].map((faults, t) => ({ t, faults }) as unknown as GamedayPoint);
    expect(faultLanes(points)).toEqual([[{ start: 1, end: 2 }], [{ start: 2, end: 3 }]]);
  });
});

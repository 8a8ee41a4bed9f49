import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramQuantile } from '../src/live/histogram-quantile.ts';
import { withPoint } from '../src/live/history.ts';
import type { LivePoint } from '../src/live/live-types.ts';
import { CHAOS_MARKS } from '../src/overview/chaos-bands.ts';
import { atOnceOf, BreakerWatch, outcomeRates, queueOf, traffic } from '../src/server/live-state.ts';
import { parsePrometheusText } from '../src/server/prometheus-text.ts';
import type { Increase } from '../src/server/replica-counters.ts';

describe('the Prometheus text format', () => {
  it('reads samples, labels with escapes, infinities and timestamps, and skips the rest', () => {
    const text = [
      '# HELP a help',
      '# TYPE a counter',
      'a{path="/x\\"y\\\\",n="1\\n2"} 3 1700000000',
      'b +Inf',
      'c NaN',
      'not a sample at all {',
      '',
    ].join('\n');
    expect(parsePrometheusText(text)).toEqual([
      { name: 'a', labels: { path: '/x"y\\', n: '1\n2' }, value: 3 },
      { name: 'b', labels: {}, value: Number.POSITIVE_INFINITY },
    ]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parsePrometheusText(text)));
  });
});

describe('histogramQuantile', () => {
  const buckets = (...pairs: Array<[number, number]>) => new Map(pairs);
  const inf = Number.POSITIVE_INFINITY;

  it('interpolates inside the bucket of the rank', () => {
    expect(histogramQuantile(0.5, buckets([0.1, 0], [0.2, 10], [inf, 10]))).toBeCloseTo(0.15);
  });

  it('returns the highest finite bound beyond it, and nothing for an empty histogram', () => {
    expect(histogramQuantile(0.99, buckets([1, 1], [inf, 10]))).toBe(1);
    expect(histogramQuantile(0.5, buckets())).toBeNull();
    expect(histogramQuantile(0.5, buckets([1, 0], [inf, 0]))).toBeNull();
  });

  it('grows with the quantile and stays within the bounds', () => {
    const gains = fc.array(fc.nat(100), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        gains,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (counts, a, b) => {
          const cumulative = counts.map((_, index) => counts.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
          const total = cumulative.at(-1) ?? 0;
          const map = new Map([0.1, 0.5, 1, inf].map((le, index) => [le, cumulative[index] ?? 0] as const));
          const low = histogramQuantile(Math.min(a, b), map);
          const high = histogramQuantile(Math.max(a, b), map);
          if (low === null || high === null) return void expect(total).toBe(0);
          expect(low).toBeLessThanOrEqual(high + 1e-9);
          expect(high).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

const increase = (atMs: number, more: object = {}) => ({
  at_ms: atMs,
  elapsed_seconds: 1,
  count: 0,
  sum_seconds: 0,
  errors: 0,
  buckets: new Map<number, number>(),
  outcomes: {},
  failures: {},
  calls: {},
  ...more,
});

describe('what the cards show', () => {
  it('gives rates per second by outcome, over all replicas', () => {
    const one = [increase(9000, { outcomes: { confirmed: 4 } }), increase(10_000, { outcomes: { confirmed: 2 } })];
    const other = [
      increase(6000, { outcomes: { confirmed: 1000 } }),
      increase(10_000, { outcomes: { confirmed: 1, queued: 3 } }),
    ];
    expect(outcomeRates([one, other], 10_000)).toEqual({ confirmed: 4, queued: 3, failed: 0 });
    expect(outcomeRates([[]], 10_000)).toEqual({ confirmed: null, queued: null, failed: null });
  });

  it('has no error rate without requests', () => {
    expect(traffic([increase(1000)], 1000)).toMatchObject({ error_rate: null, p95_ms: null, requests_per_second: 0 });
    expect(traffic([increase(1000, { count: 4, errors: 1 })], 1000).error_rate).toBe(0.25);
    expect(traffic([], 1000).requests_per_second).toBeNull();
  });

  it('takes the queue from the replica that reports the most', () => {
    const scrapes = ['order_queue_depth 3', 'order_queue_depth 5\norder_queue_oldest_age_seconds 9'];
    expect(queueOf(scrapes.map(parsePrometheusText))).toEqual({
      depth: 5,
      oldest_age_seconds: 9,
      dead_lettered: null,
    });
    expect(queueOf([])).toBeNull();
  });

  it("tells the age of a breaker's state only if it saw the change", () => {
    const watch = new BreakerWatch('a', 'order', 'inventory');
    const state = (value: number) => parsePrometheusText(`circuit_breaker_state{service="inventory-service"} ${value}`);
    expect(watch.view(state(0), 900)).toBeNull();
    watch.observe(state(0), 1000);
    expect(watch.view(state(0), 5000)).toMatchObject({ state: 'closed', seen_for_ms: null });
    watch.observe(state(1), 6000);
    watch.observe(state(1), 7000);
    expect(watch.view(state(1), 9000)).toMatchObject({
      replica: 'a',
      from: 'order',
      to: 'inventory',
      state: 'open',
      seen_for_ms: 3000,
      next_attempt_in_ms: null,
    });
    expect(watch.view(null, 9000)).toBeNull();
  });

  it('tells the breakers of several called services apart', () => {
    const watch = new BreakerWatch('a', 'order', 'inventory');
    const samples = parsePrometheusText('circuit_breaker_state{service="another-service"} 1');
    watch.observe(samples, 1000);
    expect(watch.view(samples, 1000)).toBeNull();
  });

  it('shows the countdown of an open breaker when the service tells it', () => {
    const watch = new BreakerWatch('a', 'order', 'inventory');
    const samples = parsePrometheusText('circuit_breaker_state 1\ncircuit_breaker_next_attempt_timestamp_seconds 12.5');
    watch.observe(samples, 10_000);
    expect(watch.view(samples, 10_000)?.next_attempt_in_ms).toBe(2500);
  });
});

describe('the bands of chaos', () => {
  it('join seconds with faults over those of which nothing is known, and leave out those without', () => {
    const points = [0, 2, 1, null, 1, 0, null, 1].map((faults, t) => ({ t, faults }) as LivePoint);
    expect(CHAOS_MARKS.bands(points)).toEqual([
      { start: 1, end: 4 },
      { start: 7, end: 7 },
    ]);
  });

  it('have a lane for each fault that is active at the same time', () => {
    const points = [1, 2, 2, 1, 0, 1].map((faults, t) => ({ t, faults }) as LivePoint);
    const [first, second, ...more] = CHAOS_MARKS.lanes(points);
    expect(first).toEqual(CHAOS_MARKS.bands(points));
    expect(second).toEqual([{ start: 1, end: 2 }]);
    expect(more).toEqual([]);
  });
});

describe('the share confirmed at once', () => {
  it('is of the orders accepted in the last 30 s; those refused were answered at once too', () => {
    const empty = {
      elapsed_seconds: 1,
      sum_seconds: 0,
      count: 0,
      errors: 0,
      buckets: new Map(),
      failures: {},
      calls: {},
    };
    const at = (ms: number, outcomes: Increase['outcomes']): Increase => ({ ...empty, at_ms: ms, outcomes });
    const increases = [
      at(1_000, { confirmed: 90 }),
      at(40_000, { queued: 30, failed: 5 }),
      at(41_000, { confirmed: 10 }),
    ];
    expect(atOnceOf(increases, 42_000)).toEqual({ accepted: 40, confirmed: 10 });
  });
});

describe('the history of the charts', () => {
  const point = (t: number, change: Partial<LivePoint> = {}): LivePoint => ({
    t,
    confirmed: 1,
    queued: 0,
    failed: 0,
    p50_ms: 1,
    p95_ms: 2,
    queue: 0,
    average_ms: 1,
    faults: 0,
    ...change,
  });
  const after = (seconds: number, change: (t: number) => Partial<LivePoint> = () => ({})) => {
    let points: LivePoint[] = [];
    for (let t = 1; t <= seconds; t++) points = withPoint(points, point(t, change(t)));
    return points;
  };

  it('reaches back an hour in a few hundred points, the last five minutes second by second', () => {
    const points = after(8_000);
    expect(points.length).toBeLessThan(650);
    expect(points[0]?.t).toBeGreaterThanOrEqual(8_000 - 3_610);
    expect(points[0]?.t).toBeLessThanOrEqual(8_000 - 3_590);
    expect(points.slice(-300).map(({ t }) => t)).toEqual(Array.from({ length: 300 }, (_, index) => 7_701 + index));
  });

  it('keeps peaks and faults, and what is not known', () => {
    const points = after(2_000, (t) => ({
      p95_ms: t === 105 ? 900 : 2,
      faults: t === 107 ? 1 : 0,
      confirmed: t >= 200 && t < 220 ? null : 1,
    }));
    const old = points.filter(({ t }) => t > 95 && t < 115);
    expect(Math.max(...old.map(({ p95_ms }) => p95_ms ?? 0))).toBe(900);
    expect(CHAOS_MARKS.bands(points)).toHaveLength(1);
    expect(points.some(({ t, confirmed }) => t >= 200 && t < 220 && confirmed === null)).toBe(true);
  });
});

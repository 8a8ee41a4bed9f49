import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrometheusText } from '../src/server/prometheus-text.ts';
import { counterIncrease, ReplicaCounters } from '../src/server/replica-counters.ts';

const scrape = (count: number, sum: number, status = '201') =>
  parsePrometheusText(
    [
      `http_request_duration_seconds_count{route="/api/orders",status_code="${status}"} ${count}`,
      `http_request_duration_seconds_sum{route="/api/orders",status_code="${status}"} ${sum}`,
    ].join('\n'),
  );

describe('increases of a replica', () => {
  it('gives no increase at the first scrape: the time before it is unknown', () => {
    expect(new ReplicaCounters().observe(scrape(1000, 50), 0)).toBeNull();
  });

  it('counts a series that appears later from zero', () => {
    const counters = new ReplicaCounters();
    counters.observe(scrape(10, 1), 0);
    const gained = counters.observe([...scrape(12, 1.5), ...scrape(3, 0.9, '503')], 1000);
    expect(gained).toMatchObject({ count: 5, errors: 3, elapsed_seconds: 1 });
    expect(gained?.sum_seconds).toBeCloseTo(1.4);
  });

  it('counts the whole value of a counter after a restart', () => {
    expect(counterIncrease(100, 7)).toBe(7);
    expect(counterIncrease(100, 107)).toBe(7);
  });

  it('adds up to everything that was counted, restarts included', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50), { minLength: 1 }), { minLength: 1, maxLength: 5 }), (lives) => {
        const counters = new ReplicaCounters();
        counters.observe(scrape(0, 0), 0);
        let observed = 0;
        let real = 0;
        let atMs = 0;
        for (const life of lives) {
          let counter = 0;
          for (const more of life) {
            counter += more;
            atMs += 1000;
            observed += counters.observe(scrape(counter, counter), atMs)?.count ?? 0;
          }
          real += counter;
        }
        // A restart that grows past the old value between two scrapes cannot be seen; then less is counted, never more.
        expect(observed).toBeLessThanOrEqual(real);
        if (lives.length === 1) expect(observed).toBe(real);
      }),
    );
  });

  it('sums orders by outcome and keeps buckets cumulative', () => {
    const text = (confirmed: number, fast: number, all: number) =>
      parsePrometheusText(
        [
          `orders_created_total{status="confirmed"} ${confirmed}`,
          `http_request_duration_seconds_bucket{le="0.1"} ${fast}`,
          `http_request_duration_seconds_bucket{le="+Inf"} ${all}`,
        ].join('\n'),
      );
    const counters = new ReplicaCounters();
    counters.observe(text(1, 1, 1), 0);
    const gained = counters.observe(text(4, 3, 6), 2000);
    expect(gained?.outcomes).toEqual({ confirmed: 3 });
    expect([...(gained?.buckets ?? [])]).toEqual([
      [0.1, 2],
      [Number.POSITIVE_INFINITY, 5],
    ]);
  });
});

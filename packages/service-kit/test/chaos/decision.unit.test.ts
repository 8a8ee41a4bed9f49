import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fractionOf, isHit, streamOf } from '../../src/chaos/decision.ts';

const place = fc.record({
  seed: fc.nat(0xffffffff),
  service: fc.constantFrom('order-service' as const, 'inventory-service' as const),
  point: fc.constantFrom('inbound', 'after-commit', 'outbound'),
  type: fc.constantFrom('latency' as const, 'crash' as const, 'error' as const),
});

it('the same seed, order and attempt give the same decision, whoever asks', () => {
  fc.assert(
    fc.property(
      place,
      fc.uuid(),
      fc.integer({ min: 1, max: 200 }),
      fc.float({ min: 0, max: 100, noNaN: true }),
      (at, id, n, p) => {
        const replica = () => isHit(streamOf({ ...at }), p, id, n);
        expect(replica()).toBe(replica());
      },
    ),
  );
});

it('a higher percentage hits whoever a lower one hits', () => {
  const percent = fc.float({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(place, fc.uuid(), percent, percent, (at, id, a, b) => {
      const stream = streamOf(at);
      if (isHit(stream, Math.min(a, b), id, 1)) expect(isHit(stream, Math.max(a, b), id, 1)).toBe(true);
    }),
  );
});

it('0 % never fires and 100 % always does', () => {
  fc.assert(
    fc.property(place, fc.uuid(), (at, id) => {
      expect(isHit(streamOf(at), 0, id, 1)).toBe(false);
      expect(isHit(streamOf(at), 100, id, 1)).toBe(true);
    }),
  );
});

it('the share of hits converges to the percentage, over orders and over the attempts of one order', () => {
  const n = 20_000;
  for (const percentage of [1, 5, 30, 50, 90]) {
    const stream = streamOf({ seed: 7, service: 'inventory-service', point: 'inbound', type: 'latency' });
    const share = (hit: (i: number) => boolean) =>
      (Array.from({ length: n }, (_, i) => hit(i)).filter(Boolean).length / n) * 100;
    // Four standard deviations of a fair draw.
    const tolerance = 4 * Math.sqrt((percentage * (100 - percentage)) / n);
    expect(Math.abs(share((i) => isHit(stream, percentage, `order-${i}`, 1)) - percentage)).toBeLessThan(tolerance);
    expect(Math.abs(share((i) => isHit(stream, percentage, 'one-order', i)) - percentage)).toBeLessThan(tolerance);
  }
});

it('faults at different points draw independently, though they share a seed', () => {
  const hits = (point: string) =>
    Array.from({ length: 4_000 }, (_, i) =>
      isHit(streamOf({ seed: 1, service: 'order-service', point, type: 'error' }), 50, `o${i}`, 1),
    );
  const [a, b] = [hits('inbound'), hits('outbound')];
  const both = a.filter((hit, i) => hit && b[i]).length;
  expect(both / 4_000).toBeGreaterThan(0.22);
  expect(both / 4_000).toBeLessThan(0.28);
});

it('a fraction is at least 0 and less than 1', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 4 }), (words) => {
      expect(fractionOf(...words)).toBeGreaterThanOrEqual(0);
      expect(fractionOf(...words)).toBeLessThan(1);
    }),
  );
});

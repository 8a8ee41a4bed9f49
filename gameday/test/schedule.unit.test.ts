import { describe, expect, it } from 'vitest';
import { workloadSchema } from '../src/experiment/valerix-extension.ts';
import { indexOf, keyOf, schedule } from '../src/workload/schedule.ts';

const workload = workloadSchema.parse({ rate: 100, hot_item: { item_id: 'chair', share: 0.5 } });
const plan = (seed: number, changes: object = {}) => [
  ...schedule({ workload: { ...workload, ...changes }, seed, durationMs: 20_000, prefix: 'run' }),
];

describe('the schedule', () => {
  it('should be the same for the same seed, and another for another', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('should keep the shares and the rate it was told', () => {
    const operations = plan(1);
    expect(operations.length).toBeGreaterThan(1_800);
    expect(operations.length).toBeLessThan(2_200);
    const share = (what: (one: (typeof operations)[number]) => boolean) =>
      operations.filter(what).length / operations.length;
    expect(share(({ items }) => items.some(({ item_id }) => item_id === 'chair'))).toBeCloseTo(0.5, 1);
    expect(share(({ items }) => items.length > 1)).toBeCloseTo(workload.multi_item, 1);
    expect(share(({ cancelAfterMs }) => cancelAfterMs !== undefined)).toBeCloseTo(workload.cancellations, 1);
    expect(operations.every(({ atMs }, index) => index === 0 || atMs >= (operations[index - 1]?.atMs ?? 0))).toBe(true);
  });

  it('should order no item twice, and reuse a key for another order only', () => {
    for (const { items, reuse } of plan(3, { multi_item: 1, reused_keys: 1 })) {
      expect(new Set(items.map(({ item_id }) => item_id)).size).toBe(items.length);
      expect(reuse?.items).not.toEqual(items);
    }
  });

  it.each([[{ items: ['chair'] }], [{ items: ['ps5', 'ps5'], hot_item: undefined }]])(
    'should order what there is of %j when an order wants more items',
    (changes) => {
      const orders = plan(1, { ...changes, multi_item: 1 });
      expect(orders.length).toBeGreaterThan(1_800);
      expect(orders.every(({ items }) => items.length === 1)).toBe(true);
    },
  );

  it('should find the number of an operation in its key, and in no other', () => {
    expect(indexOf('run-1', keyOf('run-1', 42))).toBe(42);
    for (const key of ['run-12-4', 'run-1-', 'run-1-4x', 'other']) expect(indexOf('run-1', key)).toBeUndefined();
  });
});

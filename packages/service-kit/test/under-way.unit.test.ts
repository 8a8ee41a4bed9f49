import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UnderWay } from '../src/under-way.ts';

it('holds what was added and not taken out again, in whatever order that happens', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const underWay = new UnderWay<number>();
      const out = new Map<number, () => void>();
      for (const item of steps) {
        if (out.has(item)) {
          out.get(item)?.();
          out.delete(item);
        } else out.set(item, underWay.add(item));
        expect([...underWay].sort()).toEqual([...out.keys()].sort());
        expect(underWay.size).toBe(out.size);
        expect(underWay.find((one) => one === item)).toBe(out.has(item) ? item : undefined);
      }
    }),
  );
});

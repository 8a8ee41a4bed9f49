import { describe, expect, it, vi } from 'vitest';
import paths from '../src/checker/paths.generated.json' with { type: 'json' };
import { allPaths, pathsIn } from '../src/model/paths.ts';
import { SHIPPED } from '../src/model/rules.ts';
import { LINES, SABOTAGES, sabotageSetting } from '../src/model/sabotages.ts';
import { search } from '../src/model/search.ts';

const STOCK = { ps5: 1, switch: 1 };
const NONE = { crash: 0, duplicate: 0, late: 0, cancellation: 0, timeout: 0 };
const ON_ACCOUNT = { lines: LINES, paid: false };
const PAID = { lines: LINES, paid: true };

vi.setConfig({ testTimeout: 60_000 });

describe('a small search of the rules', () => {
  it('keeps every invariant when two orders want the last units, one is cancelled and one message is late', () => {
    const budget = { ...NONE, late: 1, cancellation: 1 };
    const { found, states } = search({ orders: [ON_ACCOUNT, ON_ACCOUNT], stock: STOCK, budget });
    expect(found).toBeUndefined();
    expect(states).toBeGreaterThan(1_000);
  });

  it('keeps every invariant when a paid order is cancelled while it is overdue, or a message about it is late', () => {
    const budget = { ...NONE, late: 1, cancellation: 1, timeout: 1, total: 2 };
    const { found } = search({ orders: [PAID], stock: STOCK, budget });
    expect(found).toBeUndefined();
  });

  it('finds what an order does when others take the stock from it, also in part', () => {
    const orders = [ON_ACCOUNT];
    const paths = (others: boolean) => pathsIn(search({ orders, stock: STOCK, others, budget: NONE }), orders);
    const without = pathsIn(search({ orders, stock: { ps5: 0, switch: 1 }, budget: NONE }), orders);
    expect(new Set(paths(true))).toEqual(new Set([...paths(false), ...without]));
    expect(new Set(paths(true)).size).toBeGreaterThan(new Set(paths(false)).size);
  });

  it('knows no path that the committed list of paths does not have', () => {
    const found = allPaths(LINES, { ...NONE, cancellation: 1, timeout: 1 });
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((path) => !(paths as string[]).includes(path))).toEqual([]);
  });
});

describe('without a rule, a small search finds a way to the violation', () => {
  it.each(SABOTAGES)('$caughtBy: $name', ({ rules, caughtBy, ...sabotage }) => {
    const { found } = search(sabotageSetting(sabotage), { ...SHIPPED, ...rules });
    expect(found?.violations.map(({ invariant }) => invariant)).toContain(caughtBy);
    expect(found?.story.length).toBeLessThan(20);
  });
});

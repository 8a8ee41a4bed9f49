import { pathOf } from '../checker/path.ts';
import { recordsOf } from './records.ts';
import { kindsOf, type Searched, type Setting, search } from './search.ts';
import type { Kind } from './world.ts';

/** Every path of an order within a search. */
export function pathsIn({ space }: Searched, orders: readonly Kind[]): string[] {
  const kinds = kindsOf(orders);
  return space.worlds().flatMap((world) => {
    const kind = kinds[world.kind];
    if (!kind) return [];
    const { order, stock, money } = recordsOf(world, kind);
    return order ? [pathOf(order, stock, money)] : [];
  });
}

/** Every path that one order can take within the budget: with stock, without stock, paid and billed on account. */
export function allPaths(lines: Kind['lines'], budget: Setting['budget']): string[] {
  const units = (each: number) => Object.fromEntries(lines.map(({ item_id }) => [item_id, each]));
  const settings = [false, true].flatMap((paid) => [0, 1].map((each) => ({ paid, stock: units(each) })));
  const paths = settings.flatMap(({ paid, stock }) => {
    const orders = [{ lines, paid }];
    return pathsIn(search({ orders, stock, budget }), orders);
  });
  return [...new Set(paths)].sort();
}

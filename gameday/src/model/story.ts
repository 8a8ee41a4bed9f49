import type { NoEnd, Space } from './space.ts';
import { ORDER } from './world.ts';

/** A state of two orders, by the numbers of a space. */
export interface Pair {
  a: number;
  b: number;
  stock: number;
}

const NAMES = ['A', 'B'] as const;
const named = (told: string, name: string) => told.replaceAll(ORDER, name);

/** Tells the way from the first state to the last, a sentence a step. */
export function tellWay(space: Space, way: readonly Pair[]): string[] {
  const story: string[] = [];
  // The search sorts equal orders, so that an order may change its place on the way.
  let names: readonly [string, string] = NAMES;
  for (let at = 1; at < way.length; at++) {
    const [told, swapped] = tellStep(space, way[at - 1] as Pair, way[at] as Pair, names);
    story.push(told);
    if (swapped) names = [names[1], names[0]];
  }
  return story;
}

function tellStep(space: Space, from: Pair, to: Pair, [first, second]: readonly [string, string]): [string, boolean] {
  const reaches = (a: number, b: number, stock: number): boolean | undefined => {
    if (stock !== to.stock) return undefined;
    if (a === to.a && b === to.b) return false;
    return a === to.b && b === to.a ? true : undefined;
  };
  const of = (world: number) =>
    space.told(world, from.stock).map(({ world: next, stock, ...step }) => ({
      ...step,
      world: space.numberOf(next),
      stock: space.stockNumberOf(stock),
    }));
  const [ofA, ofB] = [of(from.a), of(from.b)];
  for (const { world, stock, told } of ofA) {
    const swapped = reaches(world, from.b, stock);
    if (swapped !== undefined) return [named(told, first), swapped];
  }
  for (const { world, stock, told } of ofB) {
    const swapped = reaches(from.a, world, stock);
    if (swapped !== undefined) return [named(told, second), swapped];
  }
  for (const one of ofA.filter(({ isDeath }) => isDeath)) {
    for (const other of ofB.filter(({ isDeath }) => isDeath)) {
      const swapped = reaches(one.world, other.world, from.stock);
      if (swapped !== undefined) return [`${named(one.told, first)} ${named(other.told, second)}`, swapped];
    }
  }
  throw new Error('A state has no way from the one before it.');
}

/** Tells how an order goes on without faults, and does not come to its end. */
export function tellEnd(space: Space, { from, stock: left }: NoEnd): string[] {
  const story = ['From here on nothing goes wrong any more.'];
  const seen = new Set<string>();
  for (let [world, stock] = [from, left]; !seen.has(`${world} ${stock}`); ) {
    seen.add(`${world} ${stock}`);
    const step = space.told(world, stock).find(({ cost }) => !cost);
    if (!step) return story;
    story.push(named(step.told, 'the order'));
    [world, stock] = [space.numberOf(step.world), space.stockNumberOf(step.stock)];
  }
  return [...story, 'And so on, for ever.'];
}

import { judgeBalance } from '../checker/check-stock.ts';
import { type Violation, violation } from '../checker/violation.ts';
import { type Rules, SHIPPED } from './rules.ts';
import { NOBODY, NoEnd, Space } from './space.ts';
import { StateTable } from './state-table.ts';
import { type Pair, tellEnd, tellWay } from './story.ts';
import { type Budget, COSTS, type Cost, type Kind, unplaced } from './world.ts';

export interface Setting {
  /** One or two orders. Two equal orders are not told apart, which halves the work. */
  orders: readonly Kind[];
  /** Units on hand at the start, by item. */
  stock: Readonly<Record<string, number>>;
  /** True if other orders, however many, may have taken what is left of any item when the warehouse decides. */
  others?: boolean;
  /** The most that may happen in all. */
  budget: Budget;
}

export interface Searched {
  states: number;
  transitions: number;
  space: Space;
  /** The first state that breaks an invariant: a way there with the fewest faults, and what is broken. */
  found?: { story: string[]; violations: readonly Violation[] };
}

// A state is two numbers: a world (22 bits) with the stock (10), and the other world with what is spent (10).
const WORLDS = 1 << 22;
const SHIFT = 10;
const REST = (1 << SHIFT) - 1;

/**
 * Explores every state that the orders can reach within the budget, and judges each by the checker's rules. Then it follows each of them
 * to its end (I8). States with few faults come first, so the first violation needs the fewest faults; its way is not always the
 * shortest with so many. The orders and the stock are not searched again with more faults spent, since whatever can follow then could
 * follow before.
 */
export function search(setting: Setting, rules: Rules = SHIPPED): Searched {
  const kinds = kindsOf(setting.orders);
  const space = new Space(kinds, rules, setting.others);
  const states = new StateTable();
  const balance = createBalance(space, setting.stock);
  const spending = createSpending(setting.budget);
  const alike = setting.orders.length === 2 && kinds.length === 1;
  /** The places of the states to explore, by how many faults led to them. */
  const layers: number[][] = [[]];
  let transitions = 0;

  function add(a: number, b: number, stock: number, spent: number, from: number): void {
    transitions++;
    const [first, second] = alike && b < a ? [b, a] : [a, b];
    if (Math.max(first, second) >= WORLDS || stock > REST) throw new Error('The state space outgrows its numbers.');
    const [high, low] = [(first << SHIFT) | stock, second << SHIFT];
    if (spending.cheaper(spent).some((less) => states.has(high, low | less))) return;
    if (!states.add(high, low | spent, from)) return;
    const faults = sumOf(spent);
    layers[faults] ??= [];
    layers[faults].push(states.size - 1);
  }

  function expand(at: number, { a, b, stock, spent }: State): void {
    for (const [world, left] of space.free(a, stock)) add(world, b, left, spent, at);
    for (const [world, left] of space.free(b, stock)) add(a, world, left, spent, at);
    const affordable = spending.affordable(spent);
    for (const [cost, now] of affordable) {
      for (const [world, left] of space.costly(a, stock, cost)) add(world, b, left, now, at);
    }
    for (const [cost, now] of affordable) {
      for (const [world, left] of space.costly(b, stock, cost)) add(a, world, left, now, at);
      if (COSTS[cost] !== 'crash') continue;
      for (const dead of space.deaths(a, stock)) {
        for (const other of space.deaths(b, stock)) add(dead, other, stock, now, at);
      }
    }
  }

  const start = setting.orders.map((kind) => space.numberOf(unplaced(kinds.findIndex((one) => same(one, kind)))));
  const nobody = space.numberOf(unplaced(NOBODY));
  const stock = Object.fromEntries(Object.entries(setting.stock).map(([item, units]) => [item, [units, 0] as const]));
  add(start[0] as number, start[1] ?? nobody, space.stockNumberOf(stock), 0, -1);

  const searched = (found?: Searched['found']) => ({
    states: states.size,
    transitions,
    space,
    ...(found && { found }),
  });
  const explored: number[] = [];
  for (const layer of layers) {
    // The layer grows while it is explored.
    for (let next = 0; next < layer.length; next++) {
      const at = layer[next] as number;
      const state = stateOf(states, at);
      const [ofA, ofB] = [space.violations(state.a), space.violations(state.b)];
      const ofStock = balance(state.a, state.b, state.stock);
      if (ofA.length + ofB.length + ofStock.length > 0) {
        return searched({ story: tellWay(space, wayTo(states, at)), violations: [...ofA, ...ofB, ...ofStock] });
      }
      expand(at, state);
      explored.push(at);
    }
    layer.length = 0;
  }
  for (const at of explored) {
    const { a, b, stock: left } = stateOf(states, at);
    try {
      space.end(b, space.end(a, left));
    } catch (error) {
      if (!(error instanceof NoEnd)) throw error;
      const story = [...tellWay(space, wayTo(states, at)), ...tellEnd(space, error)];
      return searched({ story, violations: error.violations });
    }
  }
  return searched();
}

/** The different kinds among the orders: a world names its kind by its place here. */
export const kindsOf = (orders: readonly Kind[]): Kind[] => [
  ...new Map(orders.map((kind) => [JSON.stringify(kind), kind])).values(),
];

/** All that is spent. */
const sumOf = (spent: number): number => [...COSTS.keys()].reduce((sum, cost) => sum + ((spent >> (2 * cost)) & 3), 0);

const same = (one: Kind, other: Kind): boolean => JSON.stringify(one) === JSON.stringify(other);

interface State extends Pair {
  spent: number;
}

function stateOf({ high, low }: StateTable, at: number): State {
  const [left, right] = [high[at] as number, low[at] as number];
  return { a: left >>> SHIFT, b: right >>> SHIFT, stock: left & REST, spent: right & REST };
}

/** What a budget allows. What is spent is one number: two bits for each kind of fault. */
function createSpending({ total = 99, ...most }: Budget) {
  const after: (readonly (readonly [cost: number, spent: number])[])[] = [];
  const less: (readonly number[])[] = [];
  const used = (spent: number, cost: number) => (spent >> (2 * cost)) & 3;
  const kinds = [...COSTS.keys()];
  return {
    /** Each fault that may still happen, and what is spent after it. */
    affordable(spent: number) {
      after[spent] ??= kinds.flatMap((cost) =>
        used(spent, cost) < most[COSTS[cost] as Cost] && sumOf(spent) < total
          ? [[cost, spent + (1 << (2 * cost))] as const]
          : [],
      );
      return after[spent];
    },
    /** Everything that costs no more of any fault, and less of one. */
    cheaper(spent: number) {
      less[spent] ??= Array.from({ length: spent }, (_, other) => other).filter((other) =>
        kinds.every((cost) => used(other, cost) <= used(spent, cost)),
      );
      return less[spent];
    },
  };
}

/** The states that lead to this one, from the first. */
function wayTo(states: StateTable, at: number): Pair[] {
  const way: Pair[] = [];
  for (let place = at; place >= 0; place = states.from[place] as number) way.push(stateOf(states, place));
  return way.reverse();
}

/** I1, I2 and I17 of every item, by what the two orders have booked and hold. */
function createBalance(space: Space, initial: Setting['stock']) {
  const known: (readonly Violation[])[] = [];
  return (a: number, b: number, stock: number): readonly Violation[] => {
    const [ofA, ofB] = [space.bookedBy(a), space.bookedBy(b)];
    const name = (stock * MOST_BOOKINGS + ofA) * MOST_BOOKINGS + ofB;
    known[name] ??= judge(Object.entries(space.stock(stock)), [...space.booked(ofA), ...space.booked(ofB)]);
    return known[name];
  };

  function judge(
    items: [string, readonly [number, number]][],
    booked: readonly [string, number, number][],
  ): Violation[] {
    return items.flatMap(([item, [quantity, held]]) => {
      const own = booked.filter(([moving]) => moving === item);
      const sum = (of: 1 | 2) => own.reduce((total, entry) => total + entry[of], 0);
      const found = judgeBalance(item, quantity, (initial[item] ?? 0) + sum(1));
      if (sum(2) === held) return found;
      return [...found, violation('I17', 'drift', item, `open orders hold ${sum(2)}, the stock says ${held}`)];
    });
  }
}

/** Two orders of a few units book in far fewer ways. */
const MOST_BOOKINGS = 64;

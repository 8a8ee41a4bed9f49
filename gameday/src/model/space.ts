import { judgeMoney } from '../checker/judge-money.ts';
import { judgeOrder } from '../checker/judge-order.ts';
import { type Violation, violation } from '../checker/violation.ts';
import { recordsOf } from './records.ts';
import type { Rules } from './rules.ts';
import { stepsOf } from './steps.ts';
import { COSTS, isAtRest, type Kind, ORDER, type Step, type Stock, textOf, type World } from './world.ts';

/** The world and the stock after a step of one order, in numbers. */
type Packed = readonly [world: number, stock: number];

/** The steps of one order, and the worlds that a death of its process leaves: one death may strike both orders. */
interface Next {
  free: readonly Packed[];
  /** By the number of the cost; filled when the budget allows it. */
  costly: (readonly Packed[] | undefined)[];
  deaths: readonly number[];
}

const unitsIn = (stock: Stock, item: string): number => stock[item]?.[0] ?? 0;

/** The subsets with one member or more. */
const subsetsOf = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: 2 ** list.length - 1 }, (_, n) => list.filter((_one, at) => ((n + 1) >> at) & 1));

/** In the place of a second order, when there is only one. */
export const NOBODY = -1;

/**
 * The states of one order and of the stock, each with a number. Orders meet only at the stock and in the budget, so the steps of one
 * order are found once for each stock, whatever the other order does: the search itself then adds and compares numbers.
 */
export class Space {
  readonly #kinds: readonly Kind[];
  readonly #rules: Rules;
  readonly #worlds = new Numbered<World>(textOf);
  readonly #stocks = new Numbered<Stock>((stock) => JSON.stringify(stock));
  readonly #next: (Next | undefined)[][] = [];
  readonly #violations: (readonly Violation[])[] = [];
  readonly #booked = new Numbered<readonly [item: string, units: number, held: number][]>(JSON.stringify);
  readonly #bookedBy: number[] = [];
  #last: { world: number; stock: number; steps: readonly Step[] } | undefined;
  readonly #ends: (number | undefined)[][] = [];

  readonly #others: boolean;

  constructor(kinds: readonly Kind[], rules: Rules, others = false) {
    this.#kinds = kinds;
    this.#rules = rules;
    this.#others = others;
  }

  numberOf = (world: World): number => this.#worlds.numberOf(world);
  stockNumberOf = (stock: Stock): number => this.#stocks.numberOf(stock);
  world = (number: number): World => this.#worlds.get(number);
  stock = (number: number): Stock => this.#stocks.get(number);
  worlds = (): readonly World[] => this.#worlds.all;

  /** What can happen next, in words. */
  told(world: number, stock: number): readonly Step[] {
    // Asked for one cost after the other.
    const last = this.#last;
    if (last?.world === world && last.stock === stock) return last.steps;
    const kind = this.#kinds[this.world(world).kind];
    if (!kind) return [];
    const steps = [...this.#stepsOf(this.world(world), this.stock(stock), kind)];
    this.#last = { world, stock, steps };
    return steps;
  }

  /** Beside other orders, the warehouse may also decide when these have taken all that is left of some items. */
  *#stepsOf(world: World, stock: Stock, kind: Kind): Generator<Step> {
    yield* stepsOf(world, stock, kind, this.#rules);
    if (!this.#others || world.decision) return;
    const onHand = Object.keys(stock).filter((item) => unitsIn(stock, item) > 0);
    for (const taken of subsetsOf(onHand)) {
      const moved = (from: Stock, sign: 1 | -1): Stock =>
        Object.fromEntries(
          Object.entries(from).map(([item, [units, held]]) => {
            return [item, [units + (taken.includes(item) ? sign * unitsIn(stock, item) : 0), held]];
          }),
        );
      for (const step of stepsOf(world, moved(stock, -1), kind, this.#rules)) {
        if (!step.world.decision) continue;
        const told = `Other orders have taken each ${taken.join(' and ')}. ${step.told}`;
        yield { ...step, stock: moved(step.stock, 1), told };
      }
    }
  }

  /** The steps that cost nothing. */
  free = (world: number, stock: number): readonly Packed[] => this.#nextOf(world, stock).free;

  #nextOf(world: number, stock: number): Next {
    const byStock = this.#next[world] ?? [];
    this.#next[world] = byStock;
    byStock[stock] ??= {
      free: this.#packed(this.told(world, stock).filter(({ cost }) => !cost)),
      costly: [],
      deaths: [],
    };
    return byStock[stock];
  }

  /** The steps of this cost. Found only when they are asked for: most states have nothing left to spend. */
  costly(world: number, stock: number, cost: number): readonly Packed[] {
    const next = this.#nextOf(world, stock);
    const known = next.costly[cost];
    if (known) return known;
    const steps = this.told(world, stock).filter((step) => step.cost === COSTS[cost]);
    const packed = this.#packed(steps);
    next.costly[cost] = packed;
    if (COSTS[cost] === 'crash') next.deaths = packed.flatMap(([after], at) => (steps[at]?.isDeath ? [after] : []));
    return packed;
  }

  /** The worlds that the death of an order service leaves. */
  deaths(world: number, stock: number): readonly number[] {
    this.costly(world, stock, COSTS.indexOf('crash'));
    return this.#nextOf(world, stock).deaths;
  }

  #packed = (steps: readonly Step[]): Packed[] =>
    steps.map(({ world, stock }) => [this.numberOf(world), this.stockNumberOf(stock)]);

  /** What is wrong with the order alone, at any moment: I3 to I7, I9, I10. */
  violations(world: number): readonly Violation[] {
    this.#violations[world] ??= this.#judge(this.world(world), false);
    return this.#violations[world] as readonly Violation[];
  }

  /** The number of what the order has taken and holds. */
  bookedBy(world: number): number {
    this.#bookedBy[world] ??= this.#booked.numberOf(unitsOf(this.world(world)));
    return this.#bookedBy[world] as number;
  }

  /** By item, the units that the order has moved in the ledger, and those it holds until it is final. */
  booked = (number: number) => this.#booked.get(number);

  /**
   * Follows the steps without a fault to the end of the order.
   * @returns the stock at the end @throws {NoEnd} when the order does not end, or ends wrong (I8)
   */
  end(world: number, stock: number): number {
    const way: [number, number][] = [];
    const seen = new Set<string>();
    let [at, left]: [number, number] = [world, stock];
    let end = this.#ends[at]?.[left];
    while (end === undefined) {
      way.push([at, left]);
      if (seen.has(`${at} ${left}`))
        throw new NoEnd(world, stock, [violation('I8', 'unsettled', ORDER, 'it never ends')]);
      seen.add(`${at} ${left}`);
      const next = this.free(at, left)[0];
      if (!next) {
        const wrong = isAtRest(this.world(at)) ? this.#judge(this.world(at), true) : [];
        if (wrong.length > 0) throw new NoEnd(world, stock, wrong);
        end = left;
      } else {
        [at, left] = [next[0], next[1]];
        end = this.#ends[at]?.[left];
      }
    }
    for (const [passed, had] of way) {
      const byStock = this.#ends[passed] ?? [];
      this.#ends[passed] = byStock;
      byStock[had] = end;
    }
    return end;
  }

  #judge(world: World, expectSettled: boolean): readonly Violation[] {
    const kind = this.#kinds[world.kind];
    if (!kind) return [];
    const { order, stock, money } = recordsOf(world, kind);
    const found = [...judgeOrder(order, stock, expectSettled), ...judgeMoney(order, stock, money, expectSettled)];
    if (world.created > 1) found.push(violation('I3', 'duplicated', ORDER, `${world.created} orders have its key`));
    if (world.broken) found.push(violation('I9', 'misjudged', ORDER, world.broken));
    return found;
  }
}

function unitsOf({ ledger, decision }: World) {
  const items = [...new Set([...ledger, ...(decision?.items ?? [])].map(({ item_id }) => item_id))].sort();
  return items.map((item) => {
    const moved = ledger.filter(({ item_id }) => item_id === item).reduce((sum, one) => sum + one.quantity_change, 0);
    const lines = decision?.held ? decision.items.filter(({ item_id }) => item_id === item) : [];
    return [item, moved, lines.reduce((sum, { quantity }) => sum + quantity, 0)] as [string, number, number];
  });
}

/** An order does not come to its end from this world and stock. */
export class NoEnd extends Error {
  override name = 'NoEnd';
  readonly from: number;
  readonly stock: number;
  readonly violations: readonly Violation[];

  constructor(from: number, stock: number, violations: readonly Violation[]) {
    super(violations.map(({ detail }) => detail).join('; '));
    this.from = from;
    this.stock = stock;
    this.violations = violations;
  }
}

/** Gives equal values the same number. */
class Numbered<T> {
  readonly #textOf: (value: T) => string;
  readonly #numbers = new Map<string, number>();
  readonly all: T[] = [];

  constructor(textOf: (value: T) => string) {
    this.#textOf = textOf;
  }

  numberOf(value: T): number {
    const text = this.#textOf(value);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.all.length);
    return this.all.push(value) - 1;
  }

  get = (number: number): T => this.all[number] as T;
}

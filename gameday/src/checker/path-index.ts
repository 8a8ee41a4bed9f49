import type { MoneyRecord } from './judge-money.ts';
import type { OrderRecord, StockRecord } from './judge-order.ts';
import { movesOf, pathOf } from './path.ts';
import allowed from './paths.generated.json' with { type: 'json' };
import { ViolationList, violation } from './violation.ts';

const ALLOWED: ReadonlySet<string> = new Set(allowed);

/** Orders on account move in other ways than paid ones. */
const kindOf = (paid: boolean): string => (paid ? 'paid' : 'on account');

/** Every move that the rules allow, such as `paid: queued → compensating`. */
const MOVES: readonly string[] = [...new Set(allowed.flatMap(movesIn))].sort();

function movesIn(path: string): string[] {
  const statuses = (path.split(',')[0] as string).split(' → ');
  const kind = kindOf(path.includes(', money '));
  return statuses.map((status, at) => `${kind}: ${at === 0 ? status : `${statuses[at - 1]} → ${status}`}`);
}

/** Compares the orders of a run with the paths that `make model` has found, and counts their moves. */
export class PathIndex {
  readonly violations = new ViolationList();
  readonly #taken = new Map<string, number>();
  readonly #paths = new Set<string>();

  /** @param isQuiet false while the databases may differ because something is under way; then only moves are counted */
  add(order: OrderRecord, stock: StockRecord | undefined, money: MoneyRecord | undefined, isQuiet: boolean): void {
    for (const move of movesOf(order)) {
      const name = `${kindOf(order.paid)}: ${move}`;
      this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1);
    }
    if (!isQuiet) return;
    const path = pathOf(order, stock, money);
    this.#paths.add(path);
    if (ALLOWED.has(path)) return;
    this.violations.add(violation('I9', 'misjudged', order.id, `no rule allows its path: ${path}`));
  }

  /** How many orders took each move that the rules allow, 0 included; and how many different paths there were. */
  finish() {
    return {
      moves: Object.fromEntries(MOVES.map((move) => [move, this.#taken.get(move) ?? 0])),
      paths: this.#paths.size,
      allowed: ALLOWED.size,
    };
  }
}

/**
 * The rules of the inventory service, pure: which orders get stock, at which price, and which entries are written for it.
 * An order gets all of its items or none; the first decision about an order stands (I4); stock never goes below zero (I2).
 */

export interface Line {
  item_id: string;
  quantity: number;
}

export interface Prices {
  currency: string;
  /** In the order of the lines. */
  unit_price_cents: number[];
}

/** Takes stock: `deduct` for good, `reserve` until `commit` or `release`. */
interface Taking {
  op: 'deduct' | 'reserve';
  items: Line[];
  /** The total that the customer saw. */
  expected_total_cents?: number | undefined;
}

export type StockCommand = {
  order_id: string;
  /** 1, the default, for the first attempt. */
  attempt?: number;
} & (Taking | { op: 'commit' | 'release' });

export type Refusal = 'OUT_OF_STOCK' | 'ITEM_NOT_FOUND' | 'ORDER_VOIDED' | 'PRICE_CHANGED' | 'CURRENCIES_DIFFER';

export interface Decision {
  order_id: string;
  outcome: 'applied' | 'refused' | 'voided';
  reason: Refusal | null;
  items: Line[];
  /** At the moment of the decision; null if an item is unknown or the currencies differ, and in older decisions. */
  prices: Prices | null;
  decided_at: string;
  released_at: string | null;
  /** True for a reservation until it is committed or released (I17). */
  held: boolean;
}

/** An item as the decision finds it. */
export interface Stock {
  /** Units on hand. */
  quantity: number;
  price_cents: number;
  currency: string;
}

/** An entry of the ledger. A reservation is a deduction; `held` alone tells them apart. */
export interface Movement {
  transaction_type: 'deduct' | 'release';
  order_id: string;
  item_id: string;
  /** Negative for a deduction. */
  quantity_change: number;
}

/** What a batch changes of one item. */
export interface Delta {
  quantity: number;
  held: number;
}

export interface Verdict {
  /** One per command, in order. */
  answers: Decision[];
  /** Decisions made now, to be inserted. */
  made: Decision[];
  /** Ids of earlier decisions whose stock is released now. */
  released: string[];
  /** Ids of earlier reservations that are committed now; none of them is released as well. */
  committed: string[];
  movements: Movement[];
  deltas: Map<string, Delta>;
}

/**
 * Decides a batch of commands in their order.
 * @param stock every item in the batch; an item that is missing here does not exist
 * @param prior decisions made earlier about the orders of the batch
 * @param now ISO timestamp to record
 */
export function decide(
  commands: readonly StockCommand[],
  stock: ReadonlyMap<string, Stock>,
  prior: ReadonlyMap<string, Decision>,
  now: string,
): Verdict {
  const known = new Map(prior);
  const madeNow = new Map<string, Decision>();
  const committed = new Set<string>();
  const verdict: Verdict = { answers: [], made: [], released: [], committed: [], movements: [], deltas: new Map() };

  const deltaOf = (item_id: string): Delta => {
    const delta = verdict.deltas.get(item_id) ?? { quantity: 0, held: 0 };
    verdict.deltas.set(item_id, delta);
    return delta;
  };
  const left = (item_id: string): number =>
    (stock.get(item_id)?.quantity ?? 0) + (verdict.deltas.get(item_id)?.quantity ?? 0);

  const move = (transaction_type: Movement['transaction_type'], order_id: string, items: Line[]) => {
    for (const { item_id, quantity } of items) {
      const quantity_change = transaction_type === 'deduct' ? -quantity : quantity;
      deltaOf(item_id).quantity += quantity_change;
      verdict.movements.push({ transaction_type, order_id, item_id, quantity_change });
    }
  };

  const hold = (sign: 1 | -1, items: Line[]) => {
    for (const { item_id, quantity } of items) deltaOf(item_id).held += sign * quantity;
  };

  const record = (decision: Decision) => {
    known.set(decision.order_id, decision);
    madeNow.set(decision.order_id, decision);
    return decision;
  };

  /** Writes down what became of an earlier decision. @returns the decision as it is now */
  const amend = (earlier: Decision, change: Partial<Decision>): Decision => {
    const amended = { ...earlier, ...change };
    if (madeNow.has(earlier.order_id)) return record(amended);
    known.set(earlier.order_id, amended);
    return amended;
  };

  const take = ({ order_id, op, items, expected_total_cents }: Taking & { order_id: string }): Decision => {
    const prices = pricesOf(items, stock);
    const reason = refusalOf(items, stock, left) ?? refusalOfPrice(items, prices, expected_total_cents);
    const held = !reason && op === 'reserve';
    if (!reason) move('deduct', order_id, items);
    if (held) hold(1, items);
    const outcome = reason ? 'refused' : 'applied';
    return record({ order_id, outcome, reason, items, prices, decided_at: now, released_at: null, held });
  };

  const commit = (earlier: Decision): Decision => {
    if (!earlier.held) return earlier;
    hold(-1, earlier.items);
    if (!madeNow.has(earlier.order_id)) committed.add(earlier.order_id);
    return amend(earlier, { held: false });
  };

  const release = (order_id: string, earlier: Decision | undefined): Decision => {
    // A tombstone: a deduction that arrives after the cancellation is refused (I6).
    if (!earlier) return record(tombstone(order_id, now));
    if (earlier.outcome !== 'applied' || earlier.released_at) return earlier;
    move('release', order_id, earlier.items);
    if (earlier.held) hold(-1, earlier.items);
    committed.delete(order_id);
    if (!madeNow.has(order_id)) verdict.released.push(order_id);
    return amend(earlier, { released_at: now, held: false });
  };

  const answer = (command: StockCommand, earlier: Decision | undefined): Decision => {
    if ('items' in command) return earlier ?? take(command);
    if (command.op === 'release') return release(command.order_id, earlier);
    return commit(earlier ?? record(tombstone(command.order_id, now)));
  };

  for (const command of commands) verdict.answers.push(answer(command, known.get(command.order_id)));
  verdict.made = [...madeNow.values()];
  verdict.committed = [...committed];
  return verdict;
}

const tombstone = (order_id: string, decided_at: string): Decision => {
  const nothing = { items: [], prices: null, released_at: null, held: false };
  return { order_id, outcome: 'voided', reason: 'ORDER_VOIDED', decided_at, ...nothing };
};

function pricesOf(items: Line[], stock: ReadonlyMap<string, Stock>): Prices | null {
  const currency = stock.get(items[0]?.item_id ?? '')?.currency;
  const unit_price_cents: number[] = [];
  for (const { item_id } of items) {
    const item = stock.get(item_id);
    if (!item || item.currency !== currency) return null;
    unit_price_cents.push(item.price_cents);
  }
  return currency ? { currency, unit_price_cents } : null;
}

function refusalOf(
  items: Line[],
  stock: ReadonlyMap<string, Stock>,
  left: (item_id: string) => number,
): Refusal | null {
  if (items.some((line) => !stock.has(line.item_id))) return 'ITEM_NOT_FOUND';
  if (items.some((line) => left(line.item_id) < line.quantity)) return 'OUT_OF_STOCK';
  return null;
}

function refusalOfPrice(items: Line[], prices: Prices | null, expectedTotal: number | undefined): Refusal | null {
  if (!prices) return 'CURRENCIES_DIFFER';
  if (expectedTotal === undefined) return null;
  const total = items.reduce((sum, { quantity }, n) => sum + quantity * (prices.unit_price_cents[n] ?? 0), 0);
  return total === expectedTotal ? null : 'PRICE_CHANGED';
}

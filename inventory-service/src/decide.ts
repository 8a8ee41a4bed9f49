/**
 * The rules of the inventory service, pure: which orders get stock, and which entries are written for it.
 * An order gets all of its items or none; the first decision about an order stands (I4); stock never goes below zero (I2).
 */

export interface Line {
  item_id: string;
  quantity: number;
}

export type StockCommand = {
  order_id: string;
  /** 1, the default, for the first attempt. */
  attempt?: number;
} & ({ op: 'deduct'; items: Line[] } | { op: 'release' });

export type Refusal = 'OUT_OF_STOCK' | 'ITEM_NOT_FOUND' | 'ORDER_VOIDED';

export interface Decision {
  order_id: string;
  outcome: 'applied' | 'refused' | 'voided';
  reason: Refusal | null;
  items: Line[];
  decided_at: string;
  released_at: string | null;
}

/** An entry of the ledger. */
export interface Movement {
  transaction_type: 'deduct' | 'release';
  order_id: string;
  item_id: string;
  /** Negative for a deduction. */
  quantity_change: number;
}

export interface Verdict {
  /** One per command, in order. */
  answers: Decision[];
  /** Decisions made now, to be inserted. */
  made: Decision[];
  /** Ids of earlier decisions whose stock is released now. */
  released: string[];
  movements: Movement[];
  /** Change of stock per item. */
  deltas: Map<string, number>;
}

/**
 * Decides a batch of commands in their order.
 * @param stock units on hand of every item in the batch; an item that is missing here does not exist
 * @param prior decisions made earlier about the orders of the batch
 * @param now ISO timestamp to record
 */
export function decide(
  commands: readonly StockCommand[],
  stock: ReadonlyMap<string, number>,
  prior: ReadonlyMap<string, Decision>,
  now: string,
): Verdict {
  const left = new Map(stock);
  const known = new Map(prior);
  const madeNow = new Map<string, Decision>();
  const verdict: Verdict = { answers: [], made: [], released: [], movements: [], deltas: new Map() };

  const move = (transaction_type: Movement['transaction_type'], order_id: string, items: Line[]) => {
    for (const { item_id, quantity } of items) {
      const quantity_change = transaction_type === 'deduct' ? -quantity : quantity;
      left.set(item_id, (left.get(item_id) ?? 0) + quantity_change);
      verdict.deltas.set(item_id, (verdict.deltas.get(item_id) ?? 0) + quantity_change);
      verdict.movements.push({ transaction_type, order_id, item_id, quantity_change });
    }
  };

  const record = (decision: Decision) => {
    known.set(decision.order_id, decision);
    madeNow.set(decision.order_id, decision);
    return decision;
  };

  const deduct = (order_id: string, items: Line[]): Decision => {
    const reason = refusalOf(items, left);
    if (!reason) move('deduct', order_id, items);
    return record({
      order_id,
      outcome: reason ? 'refused' : 'applied',
      reason,
      items,
      decided_at: now,
      released_at: null,
    });
  };

  const release = (order_id: string, earlier: Decision | undefined): Decision => {
    // A tombstone: a deduction that arrives after the cancellation is refused (I6).
    if (!earlier) {
      return record({
        order_id,
        outcome: 'voided',
        reason: 'ORDER_VOIDED',
        items: [],
        decided_at: now,
        released_at: null,
      });
    }
    if (earlier.outcome !== 'applied' || earlier.released_at) return earlier;
    move('release', order_id, earlier.items);
    const released = { ...earlier, released_at: now };
    if (madeNow.has(order_id)) return record(released);
    verdict.released.push(order_id);
    known.set(order_id, released);
    return released;
  };

  for (const command of commands) {
    const earlier = known.get(command.order_id);
    const answer =
      command.op === 'release'
        ? release(command.order_id, earlier)
        : (earlier ?? deduct(command.order_id, command.items));
    verdict.answers.push(answer);
  }
  verdict.made = [...madeNow.values()];
  return verdict;
}

function refusalOf(items: Line[], left: ReadonlyMap<string, number>): Refusal | null {
  if (items.some((line) => !left.has(line.item_id))) return 'ITEM_NOT_FOUND';
  if (items.some((line) => (left.get(line.item_id) as number) < line.quantity)) return 'OUT_OF_STOCK';
  return null;
}

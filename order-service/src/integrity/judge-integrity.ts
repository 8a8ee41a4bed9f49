/** What must hold between an order and the ledger of its stock; pure. */
import { canonicalLines, isSettled, type LedgerEntry, type OrderLine } from '@valerix/contracts';
import { STATUS } from '../order.ts';

export interface Finding {
  invariant: 'I1' | 'I2' | 'I4' | 'I5' | 'I6' | 'I9';
  subject: string;
  detail: string;
  /**
   * Something is missing in the ledger. A transaction that still runs hides what younger ones have committed, so it may only
   * be late; what is too much is too much at once.
   */
  maybeLate?: true;
}

/** All that is known of one order. */
export interface OrderFacts {
  id: string;
  /** Undefined: there is no such order. */
  status: string | undefined;
  /** Canonical. */
  lines: string | undefined;
  deducted: readonly OrderLine[];
  released: readonly OrderLine[];
}

/** The line of an order that an entry of the ledger is about; the ledger's quantities are signed. */
export const lineOf = ({ item_id, quantity_change }: LedgerEntry): OrderLine => ({
  item_id,
  quantity: Math.abs(quantity_change),
});

/** What is wrong with an order whose stock is settled, or that does not exist; nothing when all is well. */
export function judgeOrderFacts({ id: subject, status, lines = '', deducted, released }: OrderFacts): Finding[] {
  for (const [what, entries] of [['deduction', deducted] as const, ['release', released] as const]) {
    const items = entries.map(({ item_id }) => item_id);
    const twice = items.find((item, index) => items.indexOf(item) !== index);
    if (twice) return [{ invariant: 'I4', subject, detail: `more than one ${what} of ${twice} for the order` }];
  }
  const [taken, given] = [canonicalLines(deducted), canonicalLines(released)];
  if (status === undefined) {
    return taken === given ? [] : [{ invariant: 'I5', subject, detail: `${taken} is deducted for an unknown order` }];
  }
  if (!isSettled(status)) return [];
  const { stock } = STATUS[status];
  if (stock === 'taken') {
    if (taken === lines && given === '') return [];
    const detail = `confirmed for ${lines}; deducted ${taken || 'nothing'}, released ${given || 'nothing'}`;
    return [{ invariant: 'I5', subject, detail, ...(taken === '' && { maybeLate: true }) }];
  }
  if (taken === given) return [];
  const detail = `${status}, but ${taken || 'nothing'} is deducted, ${given || 'nothing'} released`;
  // A release follows its deduction; an order that never took stock has neither.
  return [{ invariant: 'I6', subject, detail, ...(stock === 'given back' && { maybeLate: true }) }];
}

/** One item: its stock as the warehouse says it, and as the ledger comes to. */
export interface ItemFacts {
  id: string;
  quantity: number;
  reserved: number;
  /** Seeded and restocked, before the stock was read and after: it never becomes less. */
  broughtInBefore: number;
  broughtIn: number;
  /** Deducted and not released: the lowest and highest while the stock was read. */
  takenMin: number;
  takenMax: number;
}

/**
 * I1 and I2 of an item. Deductions move units from `quantity` to `reserved`, so the sum of both changes with restocks alone and
 * is exact under load; how many are reserved is known as well as the ledger stood still.
 */
export function judgeItemFacts({
  id: subject,
  quantity,
  reserved,
  broughtInBefore,
  broughtIn,
  takenMin,
  takenMax,
}: ItemFacts): Finding[] {
  if (quantity < 0) return [{ invariant: 'I2', subject, detail: `the stock is ${quantity}` }];
  const present = quantity + reserved;
  if (present < broughtInBefore || present > broughtIn) {
    const detail = `${quantity} on hand and ${reserved} reserved, but ${broughtIn} were brought in`;
    return [{ invariant: 'I1', subject, detail, ...(present > broughtIn && { maybeLate: true }) }];
  }
  if (reserved >= takenMin && reserved <= takenMax) return [];
  const detail = `${reserved} reserved, but the ledger has ${takenMax} taken`;
  return [{ invariant: 'I1', subject, detail, maybeLate: true }];
}

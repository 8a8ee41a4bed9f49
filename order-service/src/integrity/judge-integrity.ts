/** The rules between an order and its ledger entries; pure. */
import { canonicalLines, isSettled, type LedgerEntry, type OrderLine } from '@valerix/contracts';
import { STATUS } from '../order.ts';

export interface Finding {
  invariant: 'I1' | 'I2' | 'I4' | 'I5' | 'I6' | 'I9' | 'I14' | 'I15' | 'I16' | 'I17';
  subject: string;
  detail: string;
  /**
   * The ledger's sum lacks an entry. It may only be late, because a running transaction hides the commits of younger ones. An
   * entry too many is wrong at once. The entries of one order are looked up, and never late.
   */
  maybeLate?: true;
}

/** The facts about one order from both sides. */
export interface OrderFacts {
  id: string;
  /** Undefined: there is no such order. */
  status: string | undefined;
  /** Canonical. */
  lines: string | undefined;
  deducted: readonly OrderLine[];
  released: readonly OrderLine[];
}

/** The order line of a ledger entry, whose quantities are signed. */
export const lineOf = ({ item_id, quantity_change }: LedgerEntry): OrderLine => ({
  item_id,
  quantity: Math.abs(quantity_change),
});

/** The violations of an order that is settled or does not exist. */
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
    return [{ invariant: 'I5', subject, detail }];
  }
  if (taken === given) return [];
  const detail = `${status}, but ${taken || 'nothing'} is deducted, ${given || 'nothing'} released`;
  return [{ invariant: 'I6', subject, detail }];
}

/** I17: only an open order holds units. Each entry of an order that is looked up tells whether it does. */
export function judgeHeld(subject: string, status: string, entries: readonly Pick<LedgerEntry, 'held'>[]): Finding[] {
  if (!isSettled(status) || !entries.some(({ held }) => held)) return [];
  return [{ invariant: 'I17', subject, detail: `${status}, and its units are still reserved` }];
}

/** One item: its stock as the inventory service shows it, and as the ledger adds up. */
export interface ItemFacts {
  id: string;
  quantity: number;
  reserved: number;
  /** Units seeded and restocked, before and after the stock was read; this never falls. */
  broughtInBefore: number;
  broughtIn: number;
  /** Units deducted and not released: the lowest and the highest while the stock was read. */
  takenMin: number;
  takenMax: number;
}

/**
 * I1 and I2 of an item. Deductions move units from `quantity` to `reserved`, so only restocks change the sum of both, and it is
 * exact under load. `reserved` alone is exact only if the ledger did not move during the read.
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

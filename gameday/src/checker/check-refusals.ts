import { rowsOf, type Snapshot } from './database-stream.ts';
import { StockTimeline } from './stock-timeline.ts';
import { type ViolationList, violation } from './violation.ts';

const REFUSED = `
  SELECT order_id AS id, reason, items, extract(epoch FROM decided_at)::float8 * 1000 AS at
  FROM inventory_decisions WHERE outcome = 'refused'`;

interface Refusal {
  id: string;
  reason: string;
  items: { item_id: string; quantity: number }[];
  /** When it was decided, milliseconds. */
  at: number;
}

/**
 * I12: an order is refused only if stock was short at some moment of the request. The time of a decision is known only to within
 * the length of a transaction, so a shortage at any time close to it justifies the refusal.
 */
export async function checkRefusals(client: Snapshot, violations: ViolationList): Promise<void> {
  let stock: StockTimeline | undefined;
  for await (const batch of rowsOf<Refusal>(client, 'refusals', REFUSED)) {
    stock ??= await StockTimeline.read(client);
    for (const refusal of batch) {
      const wrong = judgeRefusal(stock, refusal);
      if (wrong) violations.add(violation('I12', 'misjudged', refusal.id, wrong));
    }
  }
}

function judgeRefusal(stock: StockTimeline, { reason, items, at }: Refusal): string | undefined {
  const asked = items.map(({ item_id, quantity }) => `${quantity} ${item_id}`).join(', ');
  if (reason === 'ITEM_NOT_FOUND') {
    return items.every(({ item_id }) => stock.knew(item_id, at)) ? `refused as unknown, but ${asked} exist` : undefined;
  }
  if (reason !== 'OUT_OF_STOCK') return undefined;
  const short = items.some(({ item_id, quantity }) => stock.wasShort(item_id, quantity, at));
  return short ? undefined : `refused as out of stock, but there was enough for ${asked}`;
}

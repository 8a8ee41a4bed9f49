import type pg from 'pg';
import { rowsOf } from './database-stream.ts';
import { StockTimeline } from './stock-timeline.ts';
import type { Violation, ViolationList } from './violation.ts';

const REFUSED = `
  SELECT order_id, reason, items, extract(epoch FROM decided_at)::float8 * 1000
  FROM inventory_decisions WHERE outcome = 'refused'`;

interface Line {
  item_id: string;
  quantity: number;
}

/**
 * I12: whoever was refused asked for more than there was at some moment of the request. The moment is known to within a
 * transaction's length, so a refusal counts as right when the stock was short at any time close to the decision.
 */
export async function checkRefusals(client: pg.Client, violations: ViolationList): Promise<void> {
  let stock: StockTimeline | undefined;
  for await (const batch of rowsOf(client, 'refusals', REFUSED)) {
    stock ??= await StockTimeline.read(client);
    for (const [subject, reason, items, decidedAt] of batch as [string, string, Line[], number][]) {
      const wrong = judgeRefusal(stock, reason, items, decidedAt);
      if (wrong) violations.add({ invariant: 'I12', class: 'misjudged', subject, detail: wrong } satisfies Violation);
    }
  }
}

function judgeRefusal(stock: StockTimeline, reason: string, items: Line[], at: number): string | undefined {
  const asked = items.map(({ item_id, quantity }) => `${quantity} ${item_id}`).join(', ');
  if (reason === 'ITEM_NOT_FOUND') {
    return items.every(({ item_id }) => stock.knows(item_id)) ? `refused as unknown, but ${asked} exist` : undefined;
  }
  if (reason !== 'OUT_OF_STOCK') return undefined;
  const short = items.some(({ item_id, quantity }) => stock.wasShort(item_id, quantity, at, at));
  return short ? undefined : `refused as out of stock, but there was enough for ${asked}`;
}

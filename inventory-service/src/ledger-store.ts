import type { LedgerEntry, LedgerPage, LedgerQuery } from '@valerix/contracts';
import { COMMIT_HORIZON, NO_HORIZON } from '@valerix/service-kit/commit-horizon';
import { literal, type Pool } from '@valerix/service-kit/postgres';

/** An entry, or nulls if the page is empty; and how far the ledger is settled. */
interface Row extends Omit<LedgerEntry, 'position' | 'created_at'> {
  position: string | null;
  created_at: Date;
  tx: string;
  seq: number;
  settled_to: string;
  held_back: boolean;
  gone_before: string;
  opening: LedgerPage['opening'] | null;
}

/** Only where the whole ledger is read from its beginning, in the snapshot of its first page. */
const OPENING = `(SELECT coalesce(json_agg(json_build_object('item_id', item_id, 'brought_in', brought_in, 'taken', taken)), '[]')
  FROM opening_balances)`;

export type LedgerStore = ReturnType<typeof createLedgerStore>;

/** Reads the ledger in commit order. */
export function createLedgerStore(pool: Pool) {
  return {
    /**
     * One page after a position. It leaves out entries while an older transaction still runs, so a reader that continues from its
     * last position sees every entry exactly once. The entries of named orders are shown as soon as they are committed.
     */
    async readLedger(query: LedgerQuery): Promise<LedgerPage> {
      const values: unknown[] = [];
      // Literals tell the planner how much of the ledger follows. Of named orders it always takes the same way.
      const say = (value: string) => (query.order_id ? `$${values.push(value)}` : literal(value));
      const from = (query.after ?? '0.0').split('.').map(say);
      // `= ANY` hides from the planner that there is one item only, so ordering by item as well leaves it the index by item. Otherwise it may
      // read the ledger in commit order, all of it for an item without entries.
      const key = query.item_id ? 'item_id, tx, seq' : 'tx, seq';
      // One order after the other: a plan for a list of any length reads the ledger from its beginning.
      const onlyHeld = query.held ? 'WHERE (SELECT held FROM inventory_decisions WHERE order_id = asked.id)' : '';
      const source = query.order_id
        ? `(SELECT id FROM (SELECT DISTINCT unnest($${values.push(query.order_id)}::uuid[]) AS id) AS asked ${onlyHeld}) AS named,
             LATERAL (SELECT * FROM inventory_transactions WHERE order_id = named.id OFFSET 0) AS entry`
        : 'inventory_transactions AS entry';
      // Looked up for the rows of the page alone.
      const held = query.order_id
        ? ', coalesce((SELECT held FROM inventory_decisions AS made WHERE made.order_id = page.order_id), false) AS held'
        : '';
      const isBeginning = (query.after ?? '0.0') === '0.0' && !query.order_id && !query.item_id;
      const only = [
        ...(query.order_id ? [] : ['AND tx < (SELECT settled FROM horizon)']),
        ...(query.item_id ? [`AND item_id = ANY(ARRAY[${literal(query.item_id)}])`] : []),
      ];
      const { rows } = await pool.query<Row>({
        ...(query.order_id && !query.item_id && { name: query.held ? 'ledger-of-held-orders' : 'ledger-of-orders' }),
        text: `WITH horizon AS MATERIALIZED (SELECT * FROM ${query.order_id ? NO_HORIZON : COMMIT_HORIZON} AS horizon)
         SELECT settled || '.0' AS settled_to, held AS held_back, (SELECT gone_before FROM retention) AS gone_before,
           ${isBeginning ? OPENING : 'NULL'} AS opening, page.*${held}
         FROM horizon LEFT JOIN (
           SELECT tx || '.' || seq AS position, transaction_type, item_id, quantity_change, order_id, restock_id, created_at, tx, seq
           FROM ${source}
           WHERE (tx, seq) > (${from[0]}::xid8, ${from[1]}::bigint) ${only.join(' ')}
           ORDER BY ${key} LIMIT ${say(String(query.limit))}
         ) AS page ON true
         ORDER BY page.tx, page.seq`,
        values,
      });
      const items = rows.flatMap(
        ({ settled_to: _to, held_back: _held, gone_before: _gone, opening: _opening, tx: _tx, seq: _seq, ...entry }) =>
          entry.position === null
            ? []
            : [{ ...entry, position: entry.position, created_at: entry.created_at.toISOString() }],
      );
      const { settled_to, held_back, gone_before, opening } = rows[0] as Row;
      const end = { next_cursor: items.at(-1)?.position ?? null, settled_to, held_back, gone_before };
      return { items, ...end, ...(opening && { opening }) };
    },
  };
}

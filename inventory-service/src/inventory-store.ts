import { retrying } from '@valerix/service-kit/backoff';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { insertAudit } from '@valerix/service-kit/operator-audit-store';
import type { Client, Pool } from '@valerix/service-kit/postgres';
import { isRetryable, isRowError, isUniqueViolation, transaction } from '@valerix/service-kit/postgres';
import { createRecentOrders } from '@valerix/service-kit/recent-orders';
import { type Decision, decide, type Stock, type StockCommand, type Verdict } from './decide.ts';
import { DECISION, type DecisionRow, toDecision } from './stock-reads-store.ts';

export type InventoryStore = ReturnType<typeof createInventoryStore>;

export interface InventoryStoreOptions {
  pool: Pool;
  /** The time by the database's clock. */
  now?: () => Date;
  /** Returns a hook to run inside the transaction, after the writes and before COMMIT, or undefined; the hook rejects to roll back. */
  beforeCommit?: () => ((commands: StockCommand[]) => Promise<void>) | undefined;
}

/** All SQL that changes stock and decisions. */
export function createInventoryStore({ pool, now: clock = () => new Date(), beforeCommit }: InventoryStoreOptions) {
  /** Stock as this process saw it last, without later changes by other replicas and restocks. */
  const seen = new Map<string, Stock>();
  /** Where the rows of the stock were then. */
  const places = new Map<string, string>();
  /** Reservations that this process made: the guess for their commits. */
  const reservations = createRecentOrders<Decision>();
  /** Batches to be written without `places`. */
  let unplaced = 0;

  const see = (stock: ReadonlyMap<string, Stock>, { deltas, made, ...ended }: Verdict, written: readonly Place[]) => {
    for (const [item, one] of stock) {
      seen.set(item, { ...one, quantity: one.quantity + (deltas.get(item)?.quantity ?? 0) });
    }
    for (const decision of made) if (decision.held) reservations.keep(decision);
    for (const id of [...ended.committed, ...ended.released]) reservations.forget(id);
    for (const { item_id, place } of written) places.set(item_id, place);
  };

  /** The places of a verdict's items, if all are known and were right lately. */
  function placesOf({ deltas }: Verdict): string[] | undefined {
    if (unplaced > 0) {
      unplaced--;
      return undefined;
    }
    const known = [...deltas.keys()].flatMap((item) => places.get(item) ?? []);
    return known.length === deltas.size ? known : undefined;
  }

  /**
   * Decides the usual batch, new orders that all get their stock and commits of reservations made here, in one statement by what this
   * process saw last. The tables' keys and checks, and the statement's own, reject it if that was wrong (ADR 10). Undefined in that
   * case, and for any other batch.
   */
  async function decideUnread(commands: StockCommand[]): Promise<Verdict | undefined> {
    if (commands.some(({ attempt = 1 }) => attempt > 1)) return undefined;
    const now = clock().toISOString();
    // Only this batch's items: the catalogue may be long.
    const stock = new Map<string, Stock>();
    const prior = new Map<string, Decision>();
    for (const { op, order_id } of commands) {
      const reservation = op === 'commit' ? reservations.find(order_id) : undefined;
      if (reservation) prior.set(order_id, reservation);
    }
    for (const item of itemsOf(commands, prior)) if (seen.has(item)) stock.set(item, seen.get(item) as Stock);
    const verdict = decide(commands, stock, prior, now);
    const { made, committed } = verdict;
    const changing = made.length + committed.length;
    if (changing < commands.length || made.some(({ outcome }) => outcome !== 'applied')) return undefined;
    const placed = placesOf(verdict);
    try {
      see(stock, verdict, await write(pool, verdict, stock, now, placed));
    } catch (error) {
      if (!isRowError(error) && !isRetryable(error)) throw error;
      if (placed) unplaced = UNPLACED_BATCHES;
      return undefined;
    }
    return verdict;
  }

  /**
   * Decides any batch, under locks: known decisions by order id, then items by item id, so that replicas cannot deadlock. Two
   * replicas that decide the same new order collide on the decision's primary key; the loser starts over and reads the winner's
   * decision (I4).
   */
  function decideLocked(commands: StockCommand[]): Promise<Verdict> {
    return retrying(
      5,
      (error) => isUniqueViolation(error) || isRetryable(error),
      () =>
        transaction(pool, async (client) => {
          const prior = await lockDecisions(client, commands);
          const stock = await lockStock(client, commands, prior);
          const now = clock().toISOString();
          const verdict = decide(commands, stock, prior, now);
          const written = await write(client, verdict, stock, now);
          await beforeCommit?.()?.(commands);
          see(stock, verdict, written);
          return verdict;
        }),
    );
  }

  return {
    /** Decides a batch, and resolves after its commit. */
    async decideBatch(commands: StockCommand[]): Promise<Verdict> {
      const unread = beforeCommit?.() ? undefined : await decideUnread(commands);
      return unread ?? decideLocked(commands);
    },

    /**
     * Books received goods, once per restock id. For a known id, returns `booked: false` and the first booking.
     * @throws {StockFull}
     */
    restock(itemId: string, restockId: string, quantity: number, actor: Actor) {
      return transaction(pool, (client) => restock(client, itemId, restockId, quantity, actor));
    },
  };
}

async function lockDecisions(client: Client, commands: StockCommand[]): Promise<Map<string, Decision>> {
  const { rows } = await client.query<DecisionRow>({
    name: 'lock-decisions',
    text: `SELECT ${DECISION} FROM inventory_decisions WHERE order_id = ANY($1::uuid[]) ORDER BY order_id FOR UPDATE`,
    values: [commands.map((command) => command.order_id)],
  });
  return new Map(rows.map((row) => [row.order_id, toDecision(row)]));
}

function itemsOf(commands: StockCommand[], prior?: Map<string, Decision>): Set<string> {
  const items = new Set<string>();
  for (const command of commands) {
    const lines = 'items' in command ? command.items : (prior?.get(command.order_id)?.items ?? []);
    for (const line of lines) items.add(line.item_id);
  }
  return items;
}

async function lockStock(client: Client, commands: StockCommand[], prior: Map<string, Decision>) {
  const { rows } = await client.query<Stock & { item_id: string }>({
    name: 'lock-stock',
    text: `SELECT item_id, quantity, price_cents, currency FROM inventory
      WHERE item_id = ANY($1::text[]) ORDER BY item_id FOR UPDATE`,
    values: [[...itemsOf(commands, prior)]],
  });
  return new Map(rows.map(({ item_id, ...stock }) => [item_id, stock]));
}

/** With `=` for the ids, PostgreSQL would look the item up by its key, and compare the place afterwards. */
const AT_ITS_PLACE = 'inventory.ctid = change.place AND inventory.item_id IS NOT DISTINCT FROM change.item_id';
/** A batch that was decided by another price finds no item, and is rejected like one by the wrong stock. */
const AT_ITS_PRICE = 'inventory.price_cents = change.price';

// Divides by zero unless every commit's order was held, and every item found: a commit writes no ledger entry to be rejected. Decisions
// are counted, and so locked, before items, as `decideLocked` locks them.
const ALL_FOUND = `1 / ((SELECT count(*) FROM committed) = cardinality($17::uuid[])
  AND (SELECT count(*) FROM changed) = cardinality($12::text[]))::int = 1`;

/** Where the present version of an item's row is. */
interface Place {
  item_id: string;
  place: string;
}

/**
 * How many batches look their items up by key after a place was wrong: other replicas may be moving the rows at every batch, and a
 * wrong place costs a statement.
 */
const UNPLACED_BATCHES = 100;

/**
 * Decisions, ledger and stock in one statement: one round trip for the whole batch. With places, it finds the stock by them, not by key:
 * while a snapshot is held open, a key leads to every version of the row since, and each batch would take longer than the last.
 * @returns where the rows are now @throws a row error, if an item is not at its place or has another price, or a reservation has ended
 */
async function write(
  client: Pool | Client,
  { made, released, committed, movements, deltas }: Verdict,
  stock: ReadonlyMap<string, Stock>,
  now: string,
  places?: readonly string[],
): Promise<Place[]> {
  if (made.length === 0 && released.length === 0 && committed.length === 0) return [];
  const byId = made.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1));
  const { rows } = await client.query<Place>({
    name: places ? 'write-verdict-placed' : 'write-verdict',
    // An item whose stock was not changed leaves a NULL in the ledger, which the table rejects (I1).
    text: `
      WITH made AS (
        INSERT INTO inventory_decisions (order_id, outcome, reason, items, decided_at, released_at, prices, held)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::timestamptz[], $15::jsonb[], $16::boolean[])
      ), given_back AS (
        UPDATE inventory_decisions SET released_at = $14::timestamptz, held = false WHERE order_id = ANY($7::uuid[])
      ), committed AS (
        UPDATE inventory_decisions SET held = false WHERE order_id = ANY($17::uuid[]) AND held RETURNING order_id
      ), changed AS (
        UPDATE inventory SET
          quantity = inventory.quantity + change.delta,
          reserved_quantity = inventory.reserved_quantity - change.delta,
          held_quantity = inventory.held_quantity + change.held,
          updated_at = now()
        FROM (
          SELECT * FROM unnest($12::text[], $13::integer[], $18::integer[], $19::integer[]${places ? ', $20::tid[]' : ''})
            AS new (item_id, delta, held, price${places ? ', place' : ''})
          ORDER BY item_id
        ) AS change
        WHERE ${places ? AT_ITS_PLACE : 'inventory.item_id = change.item_id'} AND ${AT_ITS_PRICE}
        RETURNING inventory.item_id, inventory.ctid AS place
      ), ledger AS (
        INSERT INTO inventory_transactions (transaction_type, order_id, item_id, quantity_change)
        SELECT entry.transaction_type, entry.order_id, changed.item_id, entry.quantity_change
        FROM unnest($8::text[], $9::uuid[], $10::text[], $11::integer[]) WITH ORDINALITY
          AS entry (transaction_type, order_id, item_id, quantity_change, n)
        LEFT JOIN changed ON changed.item_id = entry.item_id
        ORDER BY entry.n
      )
      SELECT item_id, place FROM changed WHERE ${ALL_FOUND}`,
    values: [
      byId.map((decision) => decision.order_id),
      byId.map((decision) => decision.outcome),
      byId.map((decision) => decision.reason),
      byId.map((decision) => JSON.stringify(decision.items)),
      byId.map((decision) => decision.decided_at),
      byId.map((decision) => decision.released_at),
      released,
      movements.map((movement) => movement.transaction_type),
      movements.map((movement) => movement.order_id),
      movements.map((movement) => movement.item_id),
      movements.map((movement) => movement.quantity_change),
      [...deltas.keys()],
      [...deltas.values()].map((delta) => delta.quantity),
      now,
      byId.map((decision) => decision.prices && JSON.stringify(decision.prices)),
      byId.map((decision) => decision.held),
      committed,
      [...deltas.values()].map((delta) => delta.held),
      [...deltas.keys()].map((item) => stock.get(item)?.price_cents),
      ...(places ? [places] : []),
    ],
  });
  return rows;
}

/** The largest integer of PostgreSQL. The limit includes units that orders hold, so that every release has room. */
const MAX_OWNED = 2 ** 31 - 1;

/** A restock would count more units of an item than the limit allows. */
export class StockFull extends Error {
  override name = 'StockFull';
  readonly room: number;

  constructor(room: number) {
    super(`there is room for ${room} more units`);
    this.room = room;
  }
}

async function restock(client: Client, itemId: string, restockId: string, quantity: number, actor: Actor) {
  // The lock makes two bookings with one id take turns, so that the second finds the first.
  const locked = await client.query<{ owned: number }>(
    'SELECT quantity::bigint + reserved_quantity AS owned FROM inventory WHERE item_id = $1 FOR UPDATE',
    [itemId],
  );
  const item = locked.rows[0];
  if (!item) return undefined;
  // The index that makes restock ids unique holds one period of the ledger; this makes two restocks of one id take turns in all.
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('restock'), hashtext($1))`, [restockId]);
  const booking = await client.query<{ item_id: string; quantity: number }>(
    `INSERT INTO inventory_transactions (transaction_type, item_id, quantity_change, restock_id)
     SELECT 'restock', $1, $2, $3 WHERE NOT EXISTS (SELECT FROM inventory_transactions WHERE restock_id = $3)
     ON CONFLICT DO NOTHING RETURNING item_id, quantity_change AS quantity`,
    [itemId, quantity, restockId],
  );
  if (booking.rows[0]) {
    if (item.owned + quantity > MAX_OWNED) throw new StockFull(MAX_OWNED - item.owned);
    await client.query('UPDATE inventory SET quantity = quantity + $2, updated_at = now() WHERE item_id = $1', [
      itemId,
      quantity,
    ]);
    const what = { item_id: itemId, restock_id: restockId, quantity };
    await insertAudit(client, { ...actor, action: 'restock', what, why: 'goods received' });
    return { booked: true, first: booking.rows[0] };
  }
  // No row came back: another transaction committed this id. Only a new statement can see its row.
  const first = await client.query<{ item_id: string; quantity: number }>(
    'SELECT item_id, quantity_change AS quantity FROM inventory_transactions WHERE restock_id = $1',
    [restockId],
  );
  return { booked: false, first: first.rows[0] as { item_id: string; quantity: number } };
}

import { pause } from '@valerix/service-kit/backoff';
import { checkKeys } from './check-keys.ts';
import { checkRefusals } from './check-refusals.ts';
import { checkStock } from './check-stock.ts';
import { openSnapshot, type Snapshot, type StreamedOrder, streamOrders, streamStock } from './database-stream.ts';
import { judgeOrder, type StockRecord } from './judge-order.ts';
import { type Violation, ViolationList, violation, violationName } from './violation.ts';

/** The services whose databases are checked. */
export type Checked = 'order' | 'inventory';

export interface CheckDatabasesOptions {
  /** The services that keep orders and stock. A `Stack` has these. */
  services: Record<Checked, { databaseUrl: string }>;
  /**
   * True (the default): every order must be settled (I8). Pass false while the system runs: an order that does not match its
   * stock is then looked up again before it is reported.
   */
  expectSettled?: boolean;
  /** Opens the snapshot of a database; absent: the one at its address. */
  open?: (key: Checked) => Promise<Snapshot>;
  /** Called for every order in the database, sorted by id, with what the inventory service recorded about it. */
  onOrder?: (order: StreamedOrder, stock: StockRecord | undefined) => void;
  /** Called last, with the snapshot of the inventory database. */
  onInventory?: (snapshot: Snapshot) => Promise<void>;
}

/** How long an order that moved between the snapshots may take to settle before it is looked up again, milliseconds. */
const SECOND_LOOK_MS = 1_000;
/** Far more orders than move between two snapshots. Suspects beyond this number are reported without a second look (I13). */
const MAX_LOOKED_UP = 10_000;

/**
 * Checks I1 to I6, I8 to I10 and I12 in both databases. The two snapshots are not of the same moment, so the databases must be
 * quiet unless `expectSettled` is false. Memory does not grow with the number of orders.
 * @returns the first thousand violations
 * @throws when a database cannot be read
 */
export async function checkDatabases(options: CheckDatabasesOptions): Promise<Violation[]> {
  return (await checkDatabasesFully(options)).violations;
}

/** As `checkDatabases`. @returns also the number of orders, and of all violations, listed or not; and which orders are gone */
export async function checkDatabasesFully(options: CheckDatabasesOptions) {
  const { services, expectSettled = true, onOrder, onInventory } = options;
  const { open: openOne = (key: Checked) => openSnapshot(key, services[key].databaseUrl) } = options;
  const clients: Snapshot[] = [];
  const open = async (key: Checked): Promise<Snapshot> => {
    const client = await openOne(key);
    clients.push(client);
    return client;
  };
  // Orders first: the later snapshot then holds all the stock movements that the orders imply.
  const openBoth = async (): Promise<Snapshots> => ({
    orders: await open('order'),
    inventory: await open('inventory'),
  });
  try {
    const snapshots = await openBoth();
    const violations = new ViolationList();
    violations.add(...(await checkStock(snapshots.inventory)), ...(await checkKeys(snapshots.orders)));
    const found = expectSettled ? violations : new ViolationList(MAX_LOOKED_UP);
    const goneBefore = await goneBeforeIn(snapshots.orders);
    const orders = await judgeOrders(snapshots, found, { expectSettled, onOrder, goneBefore });
    if (!expectSettled) {
      violations.add(...(await lookAgain(found.kept, openBoth)));
      violations.total += found.total - found.kept.length;
    }
    await checkRefusals(snapshots.inventory, violations);
    await onInventory?.(snapshots.inventory);
    return { violations: violations.kept, total: violations.total, orders, goneBefore };
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

type Snapshots = Record<'orders' | 'inventory', Snapshot>;

/** Looks up the orders again: those that moved between the two snapshots have settled by now. @returns what is still wrong */
async function lookAgain(
  found: readonly Violation[],
  openBoth: () => Promise<Snapshots>,
): Promise<readonly Violation[]> {
  if (found.length === 0) return found;
  await pause(SECOND_LOOK_MS);
  const again = new ViolationList(MAX_LOOKED_UP);
  const ids = [...new Set(found.map(({ subject }) => subject))];
  const snapshots = await openBoth();
  await judgeOrders(snapshots, again, { expectSettled: false, ids, goneBefore: await goneBeforeIn(snapshots.orders) });
  const before = new Set(found.map(violationName));
  return again.kept.filter((one) => before.has(violationName(one)));
}

interface JudgeOptions extends Omit<CheckDatabasesOptions, 'services' | 'open'> {
  ids?: readonly string[];
  goneBefore: string;
}

/** No order was dropped. */
export const NOTHING_GONE = '00000000-0000-0000-0000-000000000000';

/** Nothing is left of the orders with a smaller id. */
async function goneBeforeIn(orders: Snapshot): Promise<string> {
  const { rows } = await orders.query<{ gone_before: string }>('SELECT gone_before FROM retention');
  return rows[0]?.gone_before as string;
}

/** Compares each order, or those with these ids, with its decision and its ledger entries. @returns the number of orders */
async function judgeOrders(
  { orders, inventory }: Snapshots,
  violations: ViolationList,
  { expectSettled = true, onOrder, ids, goneBefore }: JudgeOptions,
): Promise<number> {
  let count = 0;
  const stock = streamStock(inventory, ids);
  let next = await stock.next();
  let last: string | undefined;
  const take = async (record: StockRecord): Promise<StockRecord> => {
    last = record.orderId;
    next = await stock.next();
    return record;
  };
  const orphansBefore = async (id: string | undefined): Promise<void> => {
    while (!next.done && (id === undefined || next.value.orderId < id)) {
      // The inventory service drops its part of the history after the order service.
      const isGone = next.value.orderId < goneBefore;
      const again = next.value.orderId === last;
      const record = await take(next.value);
      if (isGone) continue;
      violations.add(...(again ? [decidedAgain(record)] : judgeOrder(undefined, record, expectSettled)));
    }
  };
  for await (const { id, order } of streamOrders(orders, ids)) {
    await orphansBefore(id);
    const record = !next.done && next.value.orderId === id ? await take(next.value) : undefined;
    if (!order) {
      violations.add(violation('I7', 'lost', id, 'its timeline exists, the order does not'));
    } else {
      count++;
      onOrder?.(order, record);
    }
    violations.add(...judgeOrder(order, record, expectSettled));
  }
  await orphansBefore(undefined);
  return count;
}

const decidedAgain = ({ orderId, decision }: StockRecord): Violation =>
  violation('I4', 'duplicated', orderId, `there is more than one decision about it (again: ${decision?.outcome})`);

import { pause } from '@valerix/service-kit/backoff';
import { Beside } from './beside.ts';
import { checkKeys } from './check-keys.ts';
import { checkRefusals } from './check-refusals.ts';
import { checkStock } from './check-stock.ts';
import {
  type Checked,
  openSnapshot,
  type Snapshot,
  type StreamedOrder,
  streamOrders,
  streamStock,
} from './database-stream.ts';
import { judgeMoney, type MoneyRecord } from './judge-money.ts';
import { judgeOrder, type StockRecord } from './judge-order.ts';
import { type MoneySnapshots, streamMoney } from './money-stream.ts';
import { type Violation, ViolationList, violation, violationName } from './violation.ts';

export type { Checked } from './database-stream.ts';

type Needed = Extract<Checked, 'order' | 'inventory'>;
type CheckedServices = Record<Needed, { databaseUrl: string }> & Partial<Record<Checked, { databaseUrl: string }>>;

/** False where the databases of money have no address: an installation may lack payments, and a real provider shows us none. */
export const seesMoney = ({ payment, provider }: CheckedServices): boolean =>
  Boolean(payment?.databaseUrl && provider?.databaseUrl);

export interface CheckDatabasesOptions {
  /**
   * The services whose databases are checked. A `Stack` has these. Without the payment service and a simulated provider, money is not
   * judged.
   */
  services: CheckedServices;
  /**
   * True (the default): every order must be settled (I8). Pass false while the system runs: an order that does not match its
   * stock is then looked up again before it is reported.
   */
  expectSettled?: boolean;
  /** Opens the snapshot of a database; absent: the one at its address. */
  open?: (key: Checked) => Promise<Snapshot>;
  /** Called for every order in the database, sorted by id, with what the participants recorded about it. */
  onOrder?: (order: StreamedOrder, stock: StockRecord | undefined, money: MoneyRecord | undefined) => void;
  /** Called last, with the snapshot of the inventory database. */
  onInventory?: (snapshot: Snapshot) => Promise<void>;
}

/** How long an order that moved between the snapshots may take to settle before it is looked up again, milliseconds. */
const SECOND_LOOK_MS = 1_000;
/** Far more orders than move between two snapshots. Suspects beyond this number are reported without a second look (I13). */
const MAX_LOOKED_UP = 10_000;

/**
 * Checks I1 to I6, I8 to I10, I12 and I14 to I18 in the databases. The snapshots are not of the same moment, so the databases must be
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
  const { open: openOne = (key: Checked) => openSnapshot(key, services[key]?.databaseUrl ?? '') } = options;
  const clients: Snapshot[] = [];
  const open = async (key: Checked): Promise<Snapshot> => {
    const client = await openOne(key);
    clients.push(client);
    return client;
  };
  // A caller before the services it calls: the later snapshot then holds everything that the earlier one implies.
  const openAll = async (): Promise<Snapshots> => ({
    orders: await open('order'),
    inventory: await open('inventory'),
    money: seesMoney(services) ? { payment: await open('payment'), provider: await open('provider') } : undefined,
  });
  try {
    const snapshots = await openAll();
    const violations = new ViolationList();
    violations.add(...(await checkStock(snapshots.inventory)), ...(await checkKeys(snapshots.orders)));
    const found = expectSettled ? violations : new ViolationList(MAX_LOOKED_UP);
    const goneBefore = await goneBeforeIn(snapshots.orders);
    const orders = await judgeOrders(snapshots, found, { expectSettled, onOrder, goneBefore });
    if (!expectSettled) {
      violations.add(...(await lookAgain(found.kept, openAll)));
      violations.total += found.total - found.kept.length;
    }
    await checkRefusals(snapshots.inventory, violations);
    await onInventory?.(snapshots.inventory);
    return { violations: violations.kept, total: violations.total, orders, goneBefore };
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

interface Snapshots {
  orders: Snapshot;
  inventory: Snapshot;
  money: MoneySnapshots | undefined;
}

/** Looks up the orders again: those that moved between the two snapshots have settled by now. @returns what is still wrong */
async function lookAgain(
  found: readonly Violation[],
  openAll: () => Promise<Snapshots>,
): Promise<readonly Violation[]> {
  if (found.length === 0) return found;
  await pause(SECOND_LOOK_MS);
  const again = new ViolationList(MAX_LOOKED_UP);
  const ids = [...new Set(found.map(({ subject }) => subject))];
  const snapshots = await openAll();
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

/** Compares each order, or those with these ids, with what the participants recorded. @returns the number of orders */
async function judgeOrders(
  { orders, inventory, money }: Snapshots,
  violations: ViolationList,
  { expectSettled = true, onOrder, ids, goneBefore }: JudgeOptions,
): Promise<number> {
  let count = 0;
  const stock = new Beside(streamStock(inventory, ids), goneBefore, (record, again) =>
    violations.add(...(again ? [decidedAgain(record)] : judgeOrder(undefined, record, expectSettled))),
  );
  const payments = new Beside(streamMoney(money, ids), goneBefore, (record) =>
    violations.add(...judgeMoney(undefined, undefined, record, expectSettled)),
  );
  for await (const { id, order } of streamOrders(orders, ids)) {
    const [taken, paid] = [await stock.take(id), await payments.take(id)];
    if (!order) {
      violations.add(violation('I7', 'lost', id, 'its timeline exists, the order does not'));
    } else {
      count++;
      onOrder?.(order, taken, paid);
    }
    violations.add(...judgeOrder(order, taken, expectSettled));
    if (money) violations.add(...judgeMoney(order, taken, paid, expectSettled));
  }
  await stock.rest();
  await payments.rest();
  return count;
}

const decidedAgain = ({ orderId, decision }: StockRecord): Violation =>
  violation('I4', 'duplicated', orderId, `there is more than one decision about it (again: ${decision?.outcome})`);

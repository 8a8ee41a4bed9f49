import { pause } from '@valerix/service-kit/backoff';
import type pg from 'pg';
import { checkKeys } from './check-keys.ts';
import { checkRefusals } from './check-refusals.ts';
import { checkStock } from './check-stock.ts';
import { openSnapshot, type StreamedOrder, streamOrders, streamWarehouse } from './database-stream.ts';
import { judgeOrder, type WarehouseRecord } from './judge-order.ts';
import { type Violation, ViolationList } from './violation.ts';

export interface CheckDatabasesOptions {
  /** A `Stack` has these. */
  services: Record<'order' | 'inventory', { databaseUrl: string }>;
  /**
   * Every order must have come to an end (I8); true unless said. Say false while the system runs: then an order that does not
   * fit what the warehouse has is looked up again before it is reported.
   */
  expectSettled?: boolean;
  /** Called for every order in the database, by id: what else is to be compared with it. */
  onOrder?: (order: StreamedOrder) => void;
}

/** How long an order may take to come to rest before it is looked up again, milliseconds. */
const SECOND_LOOK_MS = 1_000;
/** Orders that moved between two snapshots are far fewer. What is found above this is reported as it is (I13). */
const MAX_LOOKED_UP = 10_000;

/**
 * Holds both databases against I1 to I6, I8 to I10 and I12, as far as they show. They must be quiet unless `expectSettled` is
 * false: the two snapshots are not of the same moment. Memory stays the same however many orders there are.
 * @returns the first thousand violations, none when all hold
 * @throws when a database cannot be read
 */
export async function checkDatabases(options: CheckDatabasesOptions): Promise<Violation[]> {
  return (await checkDatabasesFully(options)).violations;
}

interface DatabasesChecked {
  violations: Violation[];
  /** How many there are in all, also those not listed. */
  total: number;
  orders: number;
}

export async function checkDatabasesFully(options: CheckDatabasesOptions): Promise<DatabasesChecked> {
  const clients: pg.Client[] = [];
  const open = async (url: string): Promise<pg.Client> => {
    const client = await openSnapshot(url);
    clients.push(client);
    return client;
  };
  const openBoth = async (): Promise<Snapshots> => {
    // Orders first: what an order says of the warehouse then has happened in the later snapshot.
    const orders = await open(options.services.order.databaseUrl);
    return { orders, inventory: await open(options.services.inventory.databaseUrl) };
  };
  try {
    const snapshots = await openBoth();
    const { orders, inventory } = snapshots;
    const violations = new ViolationList();
    violations.add(...(await checkStock(inventory)), ...(await checkKeys(orders)));
    const { expectSettled = true, onOrder } = options;
    const found = expectSettled ? violations : new ViolationList(MAX_LOOKED_UP);
    const count = await judgeOrders(snapshots, found, { expectSettled, onOrder });
    if (!expectSettled) {
      violations.add(...(await thoseThatPersist(found.kept, openBoth)));
      violations.total += found.total - found.kept.length;
    }
    await checkRefusals(inventory, violations);
    return { violations: violations.kept, total: violations.total, orders: count };
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

interface Snapshots {
  orders: pg.Client;
  inventory: pg.Client;
}

/** What is still wrong when the orders are looked up again. An order that moved between the two snapshots is at rest by then. */
async function thoseThatPersist(
  found: readonly Violation[],
  openBoth: () => Promise<Snapshots>,
): Promise<readonly Violation[]> {
  if (found.length === 0) return found;
  await pause(SECOND_LOOK_MS);
  const again = new ViolationList(MAX_LOOKED_UP);
  const ids = [...new Set(found.map(({ subject }) => subject))];
  await judgeOrders(await openBoth(), again, { expectSettled: false, ids });
  const nameOf = ({ invariant, subject }: Violation) => `${invariant} ${subject}`;
  const before = new Set(found.map(nameOf));
  return again.kept.filter((violation) => before.has(nameOf(violation)));
}

interface JudgeOptions {
  expectSettled: boolean;
  onOrder?: ((order: StreamedOrder) => void) | undefined;
  /** Only these orders; all of them unless said. */
  ids?: readonly string[];
}

/** Holds each order against what the warehouse has about it. @returns how many orders there are */
async function judgeOrders(
  { orders, inventory }: Snapshots,
  violations: ViolationList,
  { expectSettled, onOrder, ids }: JudgeOptions,
): Promise<number> {
  let count = 0;
  const warehouse = streamWarehouse(inventory, ids);
  let next = await warehouse.next();
  let last: string | undefined;
  const take = async (record: WarehouseRecord): Promise<WarehouseRecord> => {
    last = record.orderId;
    next = await warehouse.next();
    return record;
  };
  const orphansBefore = async (id: string | undefined): Promise<void> => {
    while (!next.done && (id === undefined || next.value.orderId < id)) {
      const again = next.value.orderId === last;
      const record = await take(next.value);
      violations.add(...(again ? [decidedAgain(record)] : judgeOrder(undefined, record, expectSettled)));
    }
  };
  for await (const { id, order } of streamOrders(orders, ids)) {
    await orphansBefore(id);
    let record: WarehouseRecord | undefined;
    if (!next.done && next.value.orderId === id) record = await take(next.value);
    if (!order) {
      const detail = 'its timeline exists, the order does not';
      violations.add({ invariant: 'I7', class: 'lost', subject: id, detail });
    } else {
      count++;
      onOrder?.(order);
    }
    violations.add(...judgeOrder(order, record, expectSettled));
  }
  await orphansBefore(undefined);
  return count;
}

const decidedAgain = ({ orderId: subject, decision }: WarehouseRecord): Violation => {
  const detail = `the warehouse decided about it more than once (again: ${decision?.outcome})`;
  return { invariant: 'I4', class: 'duplicated', subject, detail };
};

import type pg from 'pg';
import { checkKeys } from './check-keys.ts';
import { checkRefusals } from './check-refusals.ts';
import { checkStock } from './check-stock.ts';
import { openSnapshot, type StreamedOrder, streamOrders, streamWarehouse } from './database-stream.ts';
import { judgeOrder, type WarehouseRecord } from './judge-order.ts';
import { type Violation, ViolationList } from './violation.ts';

export type { Violation, ViolationClass } from './violation.ts';

export interface CheckDatabasesOptions {
  orderDatabaseUrl: string;
  inventoryDatabaseUrl: string;
  /** Every order must have come to an end (I8); true unless said. Say false while the system runs. */
  expectSettled?: boolean;
  /** Called for every order in the database, by id: what else is to be compared with it. */
  onOrder?: (order: StreamedOrder) => void;
}

/**
 * Holds both databases against I1 to I6, I8 to I10 and I12, as far as they show. They must be quiet: the two snapshots are not
 * of the same moment. Memory stays the same however many orders there are.
 * @returns the first thousand violations, none when all hold
 * @throws when a database cannot be read
 */
export async function checkDatabases(options: CheckDatabasesOptions): Promise<Violation[]> {
  return (await checkDatabasesFully(options)).violations;
}

export interface DatabasesChecked {
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
  try {
    // Orders first: what an order says of the warehouse then has happened in the later snapshot.
    const orders = await open(options.orderDatabaseUrl);
    const inventory = await open(options.inventoryDatabaseUrl);
    const violations = new ViolationList();
    violations.add(...(await checkStock(inventory)), ...(await checkKeys(orders)));
    const count = await judgeOrders(orders, inventory, options, violations);
    await checkRefusals(inventory, violations);
    return { violations: violations.kept, total: violations.total, orders: count };
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

async function judgeOrders(
  orders: pg.Client,
  inventory: pg.Client,
  { expectSettled = true, onOrder }: CheckDatabasesOptions,
  violations: ViolationList,
): Promise<number> {
  let count = 0;
  const warehouse = streamWarehouse(inventory);
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
  for await (const { id, order } of streamOrders(orders)) {
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

import type { Failpoint, FaultType, ServiceName } from './chaos.ts';

// What each kind of place can do. A reset needs a connection to cut, so background work has none.
const IN_REQUEST = ['latency', 'error', 'reset', 'drop-response', 'crash', 'hang'] as const;
const IN_BACKGROUND = ['latency', 'error', 'drop-response', 'crash', 'hang'] as const;
const OF_DEPENDENCY = ['dependency-slow', 'dependency-refuse'] as const;

/** Every place where a fault can be armed. Docs: docs/chaos.md; a test compares the two, and both with the services. */
export const INVENTORY_FAILPOINTS = {
  inbound: {
    types: IN_REQUEST,
    description: 'Before the handler of a request; orders that travel together are hit one by one.',
  },
  'ledger.before-decide': { types: IN_REQUEST, description: 'Before the transaction that decides an order.' },
  'ledger.before-commit': {
    types: IN_BACKGROUND,
    description: 'Inside the transaction, before COMMIT: a failure rolls back the whole batch the order is in.',
  },
  'after-commit': { types: IN_REQUEST, description: 'The decision is committed, its answer not sent.' },
  'dependency.postgres': { types: OF_DEPENDENCY, description: 'Whenever this service takes a database connection.' },
  'dependency.redis': { types: OF_DEPENDENCY, description: 'Each command this service sends to Redis.' },
} as const satisfies FailpointTable;

export const ORDER_FAILPOINTS = {
  inbound: { types: IN_REQUEST, description: 'Before the handler of a request.' },
  'order.before-create': { types: IN_REQUEST, description: 'Before T0: nothing of the order is written.' },
  'order.after-create': { types: IN_REQUEST, description: 'T0 is committed, the warehouse not asked.' },
  outbound: { types: IN_REQUEST, description: 'Before each call to the warehouse, within its time limit.' },
  'order.before-answer': { types: IN_REQUEST, description: 'The warehouse has answered, T1 is not written.' },
  'order.after-answer': { types: IN_REQUEST, description: 'T1 is committed, the reply not sent.' },
  'queue.before-push': { types: IN_BACKGROUND, description: 'Before a queued order is announced in the Redis stream.' },
  'queue-consume': { types: IN_BACKGROUND, description: 'Entries of the stream are read, their orders not claimed.' },
  'worker.after-claim': {
    types: IN_BACKGROUND,
    description: 'The worker holds the claim, the warehouse is not asked.',
  },
  'worker.before-settle': { types: IN_BACKGROUND, description: 'The worker has the answer and has not written it.' },
  'worker.after-settle': { types: IN_BACKGROUND, description: 'The worker has written the end of the order.' },
  'cancel.after-mark': { types: IN_REQUEST, description: 'The order is marked cancelling, its stock not given back.' },
  'cancel.before-settle': { types: IN_REQUEST, description: 'The stock is given back, the cancellation not written.' },
  'dependency.postgres': { types: OF_DEPENDENCY, description: 'Whenever this service takes a database connection.' },
  'dependency.redis': { types: OF_DEPENDENCY, description: 'Each command this service sends to Redis.' },
} as const satisfies FailpointTable;

type FailpointTable = Record<string, { types: readonly FaultType[]; description: string }>;
export type InventoryPoint = keyof typeof INVENTORY_FAILPOINTS;
export type OrderPoint = keyof typeof ORDER_FAILPOINTS;

/** As `GET /api/admin/chaos/failpoints` lists them. */
export const FAILPOINTS: readonly Failpoint[] = [
  ...listed('inventory-service', INVENTORY_FAILPOINTS),
  ...listed('order-service', ORDER_FAILPOINTS),
];

function listed(service: ServiceName, table: FailpointTable): Failpoint[] {
  return Object.entries(table).map(([point, { types, description }]) => ({
    service,
    point,
    description,
    types: [...types],
  }));
}

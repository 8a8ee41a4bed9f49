import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { Failpoint, FaultMatch, FaultType } from './chaos.ts';

/** A place where a fault can be armed. */
interface Place {
  /** The types of fault that are possible there. */
  types: readonly FaultType[];
  /** The conditions of `match` that can hold there; a fault with any other would never fire. */
  knows: readonly (keyof FaultMatch)[];
  description: string;
}
export type FailpointTable = Record<string, Place>;

// A reset needs a connection to cut, so background work has none.
const IN_BACKGROUND = {
  types: ['latency', 'error', 'drop-response', 'crash', 'hang'],
  knows: ['item_id', 'order_id'],
} as const;
const IN_REQUEST = {
  types: ['latency', 'error', 'reset', 'drop-response', 'crash', 'hang'],
  knows: IN_BACKGROUND.knows,
} as const;
const AT_THE_DOOR = { types: IN_REQUEST.types, knows: ['item_id', 'order_id', 'method', 'route', 'header'] } as const;
/** A stock command has a method and a route at every point. */
const OF_COMMAND = ['item_id', 'order_id', 'method', 'route'] as const;
/** Money does not know for which items it is paid. */
const OF_PAYMENT = ['order_id'] as const;
const OF_MONEY_COMMAND = ['order_id', 'method', 'route'] as const;
/** A dependency does not know which order it serves. */
const OF_DEPENDENCY = { types: ['dependency-slow', 'dependency-refuse'], knows: [] } as const;

/** The failpoints that every service has. */
export const COMMON_FAILPOINTS = {
  inbound: { ...AT_THE_DOOR, description: 'Before the handler of a request.' },
  'dependency.postgres': { ...OF_DEPENDENCY, description: 'Whenever the service takes a database connection.' },
  'dependency.redis': { ...OF_DEPENDENCY, description: 'Each command that the service sends to Redis.' },
} as const satisfies FailpointTable;

/** A service's failpoints: the common ones and its own. An entry of its own replaces a common one. */
const withCommon = <T extends FailpointTable>(own: T) => ({ ...COMMON_FAILPOINTS, ...own });

/** Every place where a fault can be armed. A test compares this table with docs/chaos.md and with the services. */
export const FAILPOINT_TABLES = {
  inventory: withCommon({
    inbound: {
      ...AT_THE_DOOR,
      description: 'Before the handler of a request; orders that travel together are hit one by one.',
    },
    'ledger.before-decide': {
      ...IN_REQUEST,
      knows: OF_COMMAND,
      description: 'Before the transaction that decides an order.',
    },
    'ledger.before-commit': {
      ...IN_BACKGROUND,
      knows: OF_COMMAND,
      description: 'Inside the transaction, before COMMIT: a failure rolls back the whole batch the order is in.',
    },
    'after-commit': {
      ...IN_REQUEST,
      knows: OF_COMMAND,
      description: 'The decision is committed; its reply is not sent yet.',
    },
  }),
  order: withCommon({
    'order.before-create': { ...IN_REQUEST, description: 'Before T0: nothing of the order is written.' },
    'order.after-create': { ...IN_REQUEST, description: 'T0 is committed; no participant is called yet.' },
    outbound: { ...IN_REQUEST, description: 'Before each call to a participant, within its time limit.' },
    'order.before-answer': { ...IN_REQUEST, description: 'The participants have answered; T1 is not written yet.' },
    'order.after-answer': { ...IN_REQUEST, description: 'T1 is committed; the reply is not sent yet.' },
    'queue.before-push': {
      ...IN_BACKGROUND,
      description: 'Before the hint about a queued order is added to the Redis stream.',
    },
    'queue-consume': {
      ...IN_BACKGROUND,
      description: 'Entries of the stream are read; their orders are not claimed yet.',
    },
    'worker.after-claim': {
      ...IN_BACKGROUND,
      description: 'The worker has claimed the order; no participant is called yet.',
    },
    'worker.before-settle': {
      ...IN_BACKGROUND,
      description: 'The worker has the answer and has not written it yet.',
    },
    'worker.after-settle': { ...IN_BACKGROUND, description: 'The worker has settled the order.' },
    'saga.after-reserve': {
      ...IN_REQUEST,
      description: 'The stock of a paid order is reserved; its payment is not asked for yet.',
    },
    'saga.after-charge': {
      ...IN_REQUEST,
      description: 'The payment service has decided about the charge; the reservation is not committed yet.',
    },
    'saga.after-commit': {
      ...IN_REQUEST,
      description: 'The reservation is committed; the order is not confirmed yet.',
    },
    'saga.after-refund': { ...IN_REQUEST, description: 'The payment is undone; the stock is not released yet.' },
    'cancel.after-mark': {
      ...IN_REQUEST,
      description: 'The order is marked cancelling; nothing of it is undone yet.',
    },
    'cancel.before-settle': {
      ...IN_REQUEST,
      description: 'The order is undone; the cancellation is not written yet.',
    },
  }),
  payment: withCommon({
    inbound: {
      ...AT_THE_DOOR,
      description: 'Before the handler of a request; orders that travel together are hit one by one.',
    },
    'payment.before-intent': {
      ...IN_REQUEST,
      knows: OF_MONEY_COMMAND,
      description: 'Before the transaction that commits the intent.',
    },
    'payment.after-intent': {
      ...IN_REQUEST,
      knows: OF_PAYMENT,
      description: 'The intent is committed; the provider is not asked yet.',
    },
    outbound: { ...IN_REQUEST, knows: OF_PAYMENT, description: 'Before each question to the provider.' },
    'payment.before-book': {
      ...IN_REQUEST,
      knows: OF_PAYMENT,
      description: 'The provider has answered, by its reply or by a webhook; nothing is booked yet.',
    },
    'ledger.before-commit': {
      ...IN_BACKGROUND,
      knows: OF_PAYMENT,
      description: 'Inside a transaction, before COMMIT: a failure rolls back the whole batch the order is in.',
    },
    'after-commit': {
      ...IN_REQUEST,
      knows: OF_MONEY_COMMAND,
      description: 'The outcome is booked; the reply is not sent yet.',
    },
    'worker.after-claim': {
      ...IN_BACKGROUND,
      knows: OF_PAYMENT,
      description: 'The worker has claimed an open payment; the provider is not asked yet.',
    },
  }),
  provider: withCommon({
    'charge.before-commit': {
      ...IN_REQUEST,
      knows: OF_PAYMENT,
      description: 'A charge or a refund was asked for; nothing is booked yet.',
    },
    'after-commit': {
      ...IN_REQUEST,
      knows: OF_PAYMENT,
      description: 'The provider has booked a charge or a refund; its reply is not sent yet.',
    },
    'webhook.before-send': {
      ...IN_BACKGROUND,
      knows: OF_PAYMENT,
      description: 'A webhook is due; it is not sent yet. An error sends it later.',
    },
  }),
  identity: withCommon({}),
} as const satisfies Record<ServiceKey, FailpointTable>;

/** The failpoints of a service, by its key: `PointOf<'order'>`. */
export type PointOf<K extends ServiceKey> = keyof (typeof FAILPOINT_TABLES)[K] & string;

/** As `GET /api/admin/chaos/failpoints` lists them. */
export const FAILPOINTS: readonly Failpoint[] = SERVICE_KEYS.flatMap((key) =>
  Object.entries<Place>(FAILPOINT_TABLES[key]).map(([point, { types, description }]) => ({
    service: declaration(key).name,
    point,
    description,
    types: [...types],
  })),
);

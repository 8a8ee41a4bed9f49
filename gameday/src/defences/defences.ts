import { TargetError } from '../targets/target.ts';

import { DEFENCE_NAMES, type Defence } from './defence.ts';
import { ENDURANCE } from './endurance.ts';
import { MONEY } from './money.ts';
import { invariantHolds, shareDuring } from './property.ts';

export type { DefenceName } from './defence.ts';

const orderStore = 'order-service/src/order-store.ts';
const orderQueueStore = 'order-service/src/order-queue-store.ts';
const placeOrder = 'order-service/src/place-order.ts';
const participantClient = 'order-service/src/participant-client.ts';
const settleOrders = 'order-service/src/settle-orders.ts';
const decide = 'inventory-service/src/decide.ts';

/** The defences of an order, in the order in which it meets them; then those against long faults, and those of money. */
export const DEFENCES: readonly Defence[] = [
  {
    name: 'idempotency',
    what: 'An order is inserted once per key; a repeated request gets the first answer.',
    where: [`${orderStore}:insertOrders`, `${placeOrder}:createPlaceOrder`, 'order-service/src/idempotency.ts'],
    fault: 'Three of ten answers are lost after the order is committed, and the clients retry.',
    experiment: 'lost-answers',
    property: invariantHolds('I3', 'at most one order per idempotency key', 'keys with more than one order'),
    removed: 'the lookup in Redis, `ON CONFLICT` of the insert, and the unique key of `orders`',
    cuts: [
      { file: orderStore, find: 'ON CONFLICT DO NOTHING', replace: '' },
      { file: placeOrder, find: 'await replays.find(key, fingerprint)', replace: 'undefined' },
    ],
    guards: { order: 'ALTER TABLE orders DROP CONSTRAINT orders_idempotency_key_key;' },
  },
  {
    name: 'unique-decision',
    what: 'The first decision about an order stands; a repeated request reads it.',
    where: [`${decide}:decide`, 'inventory-service/src/inventory-store.ts:decideBatch'],
    fault: 'Three of ten deductions are committed, then the connection dies without an answer.',
    experiment: 'lost-decisions',
    property: invariantHolds(
      'I4',
      'at most one deduction per order',
      'orders whose stock was taken more than once',
      /more than one deduct/,
    ),
    removed:
      'the lookup of the earlier decision, the primary key of `inventory_decisions`, the unique index of the ledger',
    cuts: [{ file: decide, find: 'return earlier ?? take(command)', replace: 'return take(command)' }],
    guards: {
      inventory: `DROP INDEX inventory_transactions_once;
        ALTER TABLE inventory_decisions DROP CONSTRAINT inventory_decisions_pkey;`,
    },
  },
  {
    name: 'retry',
    what: 'A call to the inventory service without an answer is repeated at once, within the deadline and a budget.',
    where: [`${participantClient}:attempts`, 'packages/service-kit/src/retry-budget.ts:RetryBudget'],
    fault: 'Three of ten calls to the inventory service are reset.',
    experiment: 'resets',
    property: shareDuring(
      'calls to the inventory service are reset',
      'at least 85 % of the orders placed meanwhile are confirmed at once (201)',
      { at_least: 85 },
      'were answered 201',
      ({ status }) => status === 201,
    ),
    removed: 'every attempt after the first',
    cuts: [{ file: participantClient, find: 'attempt >= options.maxAttempts', replace: 'attempt >= 1' }],
  },
  {
    name: 'breaker',
    what: 'When two thirds of the calls fail, the order service stops calling the inventory service, apart from an occasional probe.',
    where: [`${participantClient}:createBreaker`],
    fault: 'The inventory service hangs: it accepts connections and answers nothing.',
    experiment: 'hanging-inventory',
    property: shareDuring(
      'the inventory service hangs',
      'at most half of the clients that order meanwhile wait 400 ms, the time limit of a call, or longer',
      { at_most: 50 },
      'waited 400 ms or longer',
      ({ latencyMs, status }) => latencyMs >= 400 || status === 0,
    ),
    removed: 'the breaker around the call',
    cuts: [{ file: participantClient, find: 'await breaker.fire(', replace: 'await transport.send(' }],
  },
  {
    name: 'queue',
    what: 'An order whose outcome is not known is accepted with 202, kept as `queued`, and settled later.',
    where: ['order-service/src/order.ts:statusAfter', 'order-service/src/fallback-queue.ts', settleOrders],
    fault: 'The inventory service is down for eight seconds.',
    experiment: 'absent-inventory',
    property: shareDuring(
      'the inventory service is down',
      'at least 90 % of the orders placed meanwhile are accepted at the first asking (201 or 202)',
      { at_least: 90 },
      'were accepted at the first asking',
      ({ attempts, status }) => attempts === 1 && (status === 201 || status === 202),
    ),
    removed: 'the 202: without an outcome the client is turned away with 503, and the order waits for the sweep',
    cuts: [
      {
        file: placeOrder,
        find: 'const answered = movedTo(order, { ...statusAfter(outcome), ...outcome.prices }, now());',
        replace: `if (outcome.kind === 'unknown' || outcome.kind === 'not-sent') {
          throw problem('DATABASE_UNAVAILABLE', 'The inventory service did not answer.', { headers: { 'Retry-After': '1' } });
        }
        const answered = movedTo(order, { ...statusAfter(outcome), ...outcome.prices }, now());`,
      },
    ],
  },
  {
    name: 'sweep',
    what: 'Every second the worker takes due orders from the database, whether or not a hint announced them.',
    where: [`${settleOrders}:sweep`, `${orderStore}:claim`],
    fault:
      'An order service dies after it has written orders and before it asks for their stock. The inventory service is down; when it returns, a worker dies with claimed orders.',
    experiment: 'dead-owners',
    property: invariantHolds('I8', 'once faults end, every order is settled', 'orders left open'),
    removed: "the sweep; the stream's hints are still followed",
    cuts: [{ file: settleOrders, find: 'await sweep();', replace: '' }],
  },
  {
    name: 'lease',
    what: 'A process owns an order for five seconds only; then any other may take it over.',
    where: [`${orderStore}:insertOrders`, `${orderStore}:claim`, `${orderStore}:startCancelling`],
    fault: 'The same as for the sweep.',
    experiment: 'dead-owners',
    property: invariantHolds('I8', 'once faults end, every order is settled', 'orders left open'),
    removed: 'the end of the lease: a process owns an order for thousands of days',
    cuts: [
      {
        file: orderStore,
        find: "'pending', items, now() + $7 * interval '1 ms'",
        replace: "'pending', items, now() + $7 * interval '1 day'",
      },
      {
        file: orderQueueStore,
        find: "next_attempt_at = now() + $2 * interval '1 ms', attempts = attempts + 1",
        replace: "next_attempt_at = now() + $2 * interval '1 day', attempts = attempts + 1",
      },
      {
        file: orderStore,
        find: "next_attempt_at = now() + $2 * interval '1 ms', attempts = 0",
        replace: "next_attempt_at = now() + $2 * interval '1 day', attempts = 0",
      },
    ],
  },
  {
    name: 'tombstone',
    what: 'The release of an unknown order is a decision too: a deduction that arrives later is refused.',
    where: [`${decide}:release`],
    fault: 'A worker stalls with a deduction in hand; meanwhile the order is cancelled.',
    experiment: 'late-deductions',
    property: invariantHolds(
      'I6',
      'a cancelled order holds no stock',
      'cancelled orders that hold stock',
      /stays deducted/,
    ),
    removed: 'the record of the release',
    cuts: [
      {
        file: decide,
        find: 'if (!earlier) return record(tombstone(order_id, now));',
        replace: 'if (!earlier) return tombstone(order_id, now);',
      },
    ],
  },
  ...ENDURANCE,
  ...MONEY,
];

/** @throws {TargetError} for an unknown name */
export function defenceOf(name: string): Defence {
  const found = DEFENCES.find((defence) => defence.name === name);
  if (!found) throw new TargetError(`There is no defence "${name}". There are: ${DEFENCE_NAMES.join(', ')}.`);
  return found;
}

import type { Defence } from './defence.ts';
import { hypothesisHolds, invariantHolds, shareAfter, shareDuring } from './property.ts';

const chaos = 'packages/service-kit/src/chaos';
const settleOrders = 'order-service/src/settle-orders.ts';
const confirmed = ({ status }: { status: number }) => status === 201;

/** The defences against long faults, and those that let an operator end a fault. */
export const ENDURANCE: readonly Defence[] = [
  {
    name: 'owner',
    what: 'The orders of a killed process are taken over at once, not when their leases end.',
    where: ['order-service/src/owner-store.ts:holdOwnership', 'order-service/src/order-queue-store.ts:releaseDead'],
    fault: 'One of two order services is killed while it holds orders: inserted, and their stock not asked for.',
    experiment: 'killed-owners',
    property: shareDuring(
      'orders wait after their insertion',
      'at most a tenth of the clients that order just before and after the kill wait 5 s, the length of a lease, or longer',
      { at_most: 10 },
      'waited 5 s or longer',
      ({ latencyMs, status }) => latencyMs >= 5_000 || status === 0,
    ),
    removed: 'the search for orders of dead owners; leases still end by time',
    cuts: [{ file: settleOrders, find: 'await orders.releaseDead();', replace: '' }],
  },
  {
    name: 'counted-attempts',
    what: 'An attempt counts only while the inventory service decides other orders; meanwhile the worker probes it with one order.',
    where: [`${settleOrders}:postponementOf`, `${settleOrders}:finish`],
    fault:
      'The inventory service stands still for twelve seconds, and a worker that gives up after five counted attempts tries often.',
    experiment: 'silent-outage',
    property: invariantHolds('I8', 'once faults end, every order is settled', 'orders given up or left open'),
    removed: 'the condition of a counted attempt, and the window of one order',
    cuts: [
      {
        file: settleOrders,
        find: "kind === 'unknown' && cause !== PENDING && participants.decidedWithin(sinceLastTried, participant)",
        replace: "kind === 'unknown'",
      },
      {
        file: settleOrders,
        find: 'window = answering || atPayments ? Math.min(CLAIM_LIMIT, window * 2) : 1;',
        replace: 'window = CLAIM_LIMIT;',
      },
    ],
    settings: {
      order: {
        MAX_ATTEMPTS: '5',
        BACKOFF_CAP_MS: '500',
        SWEEP_INTERVAL_MS: '200',
        // As in a quiet shop, where too few calls fail to open it.
        BREAKER_MIN_CALLS: '1000000',
      },
    },
  },
  {
    name: 'halt-latch',
    what: 'After a halt no fault can be armed until an operator re-arms chaos with a reason; a wiped Redis lifts no halt.',
    where: [`${chaos}/control/manage-chaos.ts:armAll`, `${chaos}/fault-registry.ts:CHANGE`, `${chaos}/sync.ts:learn`],
    fault: 'Faults are halted, Redis is wiped, and a client arms a fault again.',
    experiment: 'halted',
    property: hypothesisHolds('no fault is armed', 'after a halt no fault is armed, whoever tries'),
    removed: 'the latch: a halt still ends the faults, and refuses no new one',
    cuts: [
      {
        file: `${chaos}/fault-registry.ts`,
        find: "if #change.add > 0 and known and cjson.decode(known).halted then return 'halted' end",
        replace: '',
      },
      {
        file: `${chaos}/control/manage-chaos.ts`,
        find: '!newestLatch(halt, told, sync.latch).halted',
        replace: 'true',
      },
      { file: `${chaos}/sync.ts`, find: 'injector.load(latch.halted ? [] : faults)', replace: 'injector.load(faults)' },
    ],
  },
  {
    name: 'fault-lease',
    what: 'An effect that takes time looks at its lease while it works, and ends with its fault.',
    where: [`${chaos}/standstill.ts:createStandstill`],
    fault: 'The inventory service is told to hang for twelve seconds; two seconds later the fault is ended.',
    experiment: 'ended-hang',
    property: shareAfter(
      'the inventory service hangs',
      [4, 8],
      'at least 80 % of the orders placed 4 to 8 s after the end of the fault are confirmed at once (201)',
      { at_least: 80 },
      'were answered 201',
      confirmed,
    ),
    removed: "the look at the fault's lease during a hang",
    cuts: [
      {
        file: `${chaos}/standstill.ts`,
        find: 'Math.min(until - performance.now(), lease.remainingMs())',
        replace: 'until - performance.now()',
      },
    ],
  },
  {
    name: 'min-interval',
    what: 'A crash spares a process that has just started, so that it works between two deaths.',
    where: [`${chaos}/types/crash.ts:crash`],
    fault:
      'For fifteen seconds every order that reaches the inventory service kills it, unless it is younger than six.',
    experiment: 'repeated-kills',
    property: shareDuring(
      'every order kills the inventory service',
      'at least a tenth of the orders placed meanwhile are confirmed at once (201)',
      { at_least: 10 },
      'were answered 201',
      confirmed,
    ),
    removed: 'the interval: the process dies at the first order after its start',
    cuts: [
      {
        file: `${chaos}/types/crash.ts`,
        find: 'process.uptime() * 1_000 < (params.min_interval_ms ?? DEFAULT_MIN_INTERVAL_MS)',
        replace: 'false',
      },
    ],
  },
];

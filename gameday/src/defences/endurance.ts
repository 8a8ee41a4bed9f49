import type { Defence } from './defence.ts';
import { hypothesisHolds, invariantHolds, shareDuring } from './property.ts';

const chaos = 'packages/service-kit/src/chaos';
const settleOrders = 'order-service/src/settle-orders.ts';
const confirmed = ({ status }: { status: number }) => status === 201;

/** The defences that keep a system going which is broken for long, and those that let an operator end what breaks it. */
export const ENDURANCE: readonly Defence[] = [
  {
    name: 'counted-attempts',
    what: 'An attempt counts only while the inventory service decides other orders; meanwhile the worker probes it with one order.',
    where: [`${settleOrders}:postponementOf`, `${settleOrders}:settleBatch`],
    fault:
      'The inventory service stands still for twelve seconds, and a worker that gives up after five counted attempts tries often.',
    experiment: 'silent-outage',
    property: invariantHolds('I8', 'once faults end, every order is settled', 'orders given up or left open'),
    removed: 'the condition of a counted attempt, and the window of one order',
    cuts: [
      {
        file: settleOrders,
        find: "outcome.kind === 'unknown' && inventory.decidedWithin(sinceLastTried)",
        replace: "outcome.kind === 'unknown'",
      },
      {
        file: settleOrders,
        find: 'window = answering ? Math.min(CLAIM_LIMIT, window * 2) : 1;',
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

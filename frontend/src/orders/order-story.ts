import type { ChaosMark, Order, OrderEvent } from '@valerix/contracts';
import { formatMs, formatTime, plural } from '../browser/format.ts';
import { REASONS } from '../ordering/reasons.ts';
import { queuedEvent, whyQueued } from '../ordering/why-queued.ts';

type Event = Pick<OrderEvent, 'type' | 'causation_id'>;

/**
 * How often the worker has tried this order, over its whole life: each try left an event, and a cancellation or a requeue begins the
 * order's own count anew.
 */
export function triesOf(events: readonly Event[]): number {
  return events.filter(
    ({ type, causation_id }) => type !== 'chaos.fault_fired' && causation_id.startsWith('worker-attempt-'),
  ).length;
}

/** Why the order is where it is, in a few sentences. */
export function storyOf(order: Order, events: readonly OrderEvent[]): string[] {
  const queued = queuedEvent(events);
  const because = queued ? `Queued because ${whyQueued(queued)}.` : null;
  return [because, ending(order, events), lateness(order), hits(events)].filter((one) => one !== null);
}

function ending(order: Order, events: readonly OrderEvent[]): string {
  const tries = triesOf(events);
  const counted = plural(tries, 'background try', 'background tries');
  const took = timeTo(events, `order.${order.status}`);
  const afterTries = tries > 0 ? `, after ${counted}` : '';
  if (order.dead_lettered_at !== null) return `The worker gave up after ${counted}. It waits for an operator.`;
  switch (order.status) {
    case 'confirmed':
      return `Confirmed ${took}${afterTries}.`;
    case 'failed':
      return `Refused ${took}${afterTries}: ${order.reason ? REASONS[order.reason] : 'no reason given'}. ${undone(events)}`;
    case 'compensating':
      return `Refused: ${order.reason ? REASONS[order.reason] : 'no reason given'}. What was taken for it is being given back.`;
    case 'cancelled':
      return 'Cancelled at a client\u2019s wish. It holds no stock and no money.';
    case 'cancelling':
      return 'A client cancelled it. What was taken for it is being given back.';
    case 'queued':
      return tries === 0 ? 'The worker has not tried it yet.' : `The worker has tried it: ${counted} so far.`;
    default:
      return 'It is being placed.';
  }
}

/** Of a refused order: whether a participant had taken something before another one refused. */
const undone = (events: readonly OrderEvent[]): string =>
  events.some(({ type }) => type === 'order.compensating')
    ? 'What had been taken for it was given back.'
    : 'Nothing was taken.';

/** When the worker comes back to it. The time is the earliest: the worker looks for due orders every second or two. */
function lateness({ next_attempt_at, status, dead_lettered_at }: Order): string | null {
  if (next_attempt_at === null || dead_lettered_at !== null || status === 'pending') return null;
  return `It is due again from ${formatTime(next_attempt_at)} on.`;
}

const marksIn = (events: readonly OrderEvent[]): ChaosMark[] =>
  events.filter(({ type }) => type === 'chaos.fault_fired').map(({ data }) => data as ChaosMark);

/** Those of the faults that fired at this order. */
export function hitBy<F extends { id: string }>(events: readonly OrderEvent[], faults: readonly F[]): F[] {
  const ids = new Set(marksIn(events).map(({ fault_id }) => fault_id));
  return faults.filter(({ id }) => ids.has(id));
}

function hits(events: readonly OrderEvent[]): string | null {
  const marks = marksIn(events);
  const types = new Set(marks.map(({ type, service }) => `${type} in ${service}`));
  if (marks.length === 0) return null;
  return `Injected faults hit it ${marks.length === 1 ? 'once' : `${marks.length} times`}: ${[...types].join(', ')}.`;
}

function timeTo(events: readonly OrderEvent[], type: string): string {
  const [first] = events;
  const last = events.findLast((event) => event.type === type);
  if (first === undefined || last === undefined) return 'at a time that is not recorded';
  return `${formatMs(Math.max(0, Date.parse(last.occurred_at) - Date.parse(first.occurred_at)))} after it was stored`;
}

/** Entries of a timeline: an event, or several tries in a row that ended alike. */
export function groupTries(events: readonly OrderEvent[]): OrderEvent[][] {
  const groups: OrderEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const isAlike = last?.[0]?.type === event.type && last[0].data.cause === event.data.cause;
    if (event.type === 'order.retry_scheduled' && isAlike) last.push(event);
    else groups.push([event]);
  }
  return groups;
}

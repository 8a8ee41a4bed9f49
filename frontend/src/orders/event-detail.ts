import { chaosMark, type OrderEvent } from '@valerix/contracts';
import { formatMs } from '../browser/format.ts';

const SENTENCES: Record<OrderEvent['type'], string> = {
  'order.created': 'The order was stored, before anything else was done.',
  'order.confirmed': 'The warehouse had deducted the stock.',
  'order.queued': 'What the warehouse did was not known, so the order was kept for the background worker.',
  'order.failed': 'The warehouse refused. Nothing was deducted.',
  'order.cancelling': 'A cancellation was asked for; the stock is being given back.',
  'order.cancelled': 'The order is cancelled and holds no stock.',
  'order.retry_scheduled': 'The worker tried and the outcome is still not known.',
  'order.dead_lettered': 'The worker gave up. The order is kept until an operator has it tried again.',
  'order.redriven': 'An operator had it tried again.',
  'chaos.fault_fired': 'A fault that was armed on purpose hit the order here.',
};

/** What an entry of the timeline means, in one sentence. */
export function eventSentence(event: OrderEvent): string {
  if (event.type === 'order.queued' && event.data.kind === 'not-sent') {
    return 'The warehouse was not asked, so the order was kept for the background worker.';
  }
  return SENTENCES[event.type];
}

/** The details the services sent with an event, those worth a line: try, cause, delay; of a fault, what and where. */
export function eventFacts(event: OrderEvent): string[] {
  const mark = event.type === 'chaos.fault_fired' ? chaosMark.safeParse(event.data) : null;
  if (mark?.success) return [mark.data.type, `at ${mark.data.point}`, `in ${mark.data.service}`, mark.data.replica];
  const { data } = event;
  const facts: string[] = [];
  if (typeof data.attempt === 'number') facts.push(`try ${data.attempt}`);
  const cause = data.cause ?? data.kind;
  if (typeof cause === 'string') facts.push(cause);
  if (typeof data.reason === 'string') facts.push(data.reason);
  // A dead letter is sent with a delay too, and is not tried again after it.
  if (event.type !== 'order.dead_lettered' && typeof data.delay_ms === 'number')
    facts.push(`next try in ${formatMs(data.delay_ms)}`);
  return facts;
}

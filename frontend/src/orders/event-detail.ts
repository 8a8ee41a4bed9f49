import type { ChaosMark, OrderEvent } from '@valerix/contracts';
import { formatMs } from '../browser/format.ts';
import { whyQueued } from '../ordering/why-queued.ts';

const SENTENCES: Record<OrderEvent['type'], string> = {
  'order.created': 'The order was stored.',
  'order.confirmed': 'The stock is deducted.',
  'order.queued': 'The order was queued for the worker.',
  'order.compensating': 'The order was refused; what was taken for it is being given back.',
  'order.failed': 'The order was refused. Nothing is taken for it.',
  'order.cancelling': 'A client asked for the cancellation; the order is being undone.',
  'order.cancelled': 'The order is cancelled. Nothing is taken for it.',
  'order.retry_scheduled': 'The worker tried; the outcome is still unknown.',
  'order.dead_lettered': 'The worker gave up. The order waits for an operator.',
  'order.redriven': 'An operator requeued the order.',
  'chaos.fault_fired': 'An armed fault hit the order here.',
};

/** The meaning of a timeline entry, in one sentence. `isPaid`: the order is paid by card, not on account. */
export function eventSentence(event: OrderEvent, isPaid: boolean): string {
  if (event.type === 'order.confirmed' && isPaid) return 'The stock is deducted, and the payment is charged.';
  return event.type === 'order.queued' ? `Queued for the worker: ${whyQueued(event)}.` : SENTENCES[event.type];
}

/** The details of an event: attempt, cause and delay, or the type and place of a fault. */
export function eventFacts(event: OrderEvent): string[] {
  const { data } = event;
  if (event.type === 'chaos.fault_fired') {
    const { type, point, service, replica } = data as ChaosMark;
    return [type, `at ${point}`, `in ${replica === service ? service : `${service}, ${replica}`}`];
  }
  const facts: string[] = [];
  if (typeof data.attempt === 'number') facts.push(`try ${data.attempt}`);
  const cause = data.cause ?? data.kind;
  if (typeof cause === 'string') facts.push(cause);
  if (typeof data.reason === 'string') facts.push(data.reason);
  // A dead letter has a delay too, but the worker does not try it again.
  if (event.type !== 'order.dead_lettered' && typeof data.delay_ms === 'number')
    facts.push(`next try after ${formatMs(data.delay_ms)} or later`);
  return facts;
}

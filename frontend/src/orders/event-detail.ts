import type { OrderEvent } from '@valerix/contracts';
import { formatSpan } from '../browser/format.ts';

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
};

/** What an entry of the timeline means, in one sentence. */
export function eventSentence(event: OrderEvent): string {
  return SENTENCES[event.type];
}

/** The details the services sent with an event, those worth a line: attempt, cause, delay. */
export function eventFacts(event: OrderEvent): string[] {
  const { data } = event;
  const facts: string[] = [];
  if (typeof data.attempt === 'number') facts.push(`try ${data.attempt}`);
  const cause = data.cause ?? data.detail ?? data.kind ?? data.outcome;
  if (typeof cause === 'string') facts.push(cause);
  if (typeof data.reason === 'string') facts.push(data.reason);
  if (typeof data.delay_ms === 'number') facts.push(`next try in ${formatSpan(data.delay_ms)}`);
  return facts;
}

/** Faults that a service says hit the order at this step. */
export function eventFaults(event: OrderEvent): string[] {
  const { faults } = event.data;
  if (!Array.isArray(faults)) return [];
  return faults.map((fault) => {
    if (typeof fault === 'string') return fault;
    const { type, point, service } = (fault ?? {}) as Record<string, unknown>;
    return [type, point, service].filter((part) => typeof part === 'string').join(' at ');
  });
}

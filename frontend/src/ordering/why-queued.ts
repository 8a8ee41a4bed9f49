import type { OrderEvent } from '@valerix/contracts';
import { serviceWords } from '../live/services.ts';

/** Why an order was not decided at once, by the cause in its `order.queued` event and the service that was to decide. */
const CAUSES: Record<string, (service: string) => string> = {
  'breaker-open': (service) => `the circuit breaker was open, so ${service} was not asked`,
  'bulkhead-full': (service) => `too many orders were waiting for ${service}, so it was not asked`,
  timeout: (service) => `${service} did not answer in time`,
  connection: (service) => `the connection to ${service} was lost before its answer`,
  status: (service) => `${service} answered with an error`,
  garbage: (service) => `the answer of ${service} could not be read`,
};

/** The reason as the rest of a sentence: "because …", "Queued: …". */
export function whyQueued({ data: { participant, cause, kind } }: Pick<OrderEvent, 'data'>): string {
  const service = `the ${serviceWords(participant === 'payment' ? 'payment' : 'inventory')}`;
  const words = typeof cause === 'string' ? CAUSES[cause] : undefined;
  if (words === undefined) return `${service} gave no usable answer`;
  // A connection that was refused carried nothing.
  return kind === 'not-sent' && cause === 'connection' ? `${service} could not be reached` : words(service);
}

/** The event that queued the order first: its client was answered with 202. */
export const queuedEvent = (events: readonly OrderEvent[]): OrderEvent | undefined =>
  events.find(({ type }) => type === 'order.queued');

import type { OrderEvent } from '@valerix/contracts';

/** Why an order was not decided at once, by the cause in its `order.queued` event. */
const CAUSES: Record<string, string> = {
  'breaker-open': 'the circuit breaker was open, so the inventory service was not asked',
  'bulkhead-full': 'too many orders were waiting for the inventory service, so it was not asked',
  timeout: 'the inventory service did not answer in time',
  connection: 'the connection to the inventory service was lost before its answer',
  status: 'the inventory service answered with an error',
  garbage: 'the answer of the inventory service could not be read',
};

/** The reason as the rest of a sentence: "because …", "Queued: …". */
export function whyQueued({ data }: Pick<OrderEvent, 'data'>): string {
  const cause = typeof data.cause === 'string' ? CAUSES[data.cause] : undefined;
  if (cause === undefined) return 'the inventory service gave no usable answer';
  // A connection that was refused carried nothing.
  if (data.kind === 'not-sent' && data.cause === 'connection') return 'the inventory service could not be reached';
  return cause;
}

/** The event that queued the order first: its client was answered with 202. */
export const queuedEvent = (events: readonly OrderEvent[]): OrderEvent | undefined =>
  events.find(({ type }) => type === 'order.queued');

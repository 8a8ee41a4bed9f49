import type { IncomingMessage } from 'node:http';

/** The headers of a browser's request that reach a service, each as it came. */
export const REQUEST_HEADERS = [
  'idempotency-key',
  'order-token',
  'x-request-id',
  'traceparent',
  'content-type',
  'last-event-id',
];
/** Names the headers that came more than once. */
export const REPEATED = 'x-repeated-headers';

/**
 * Notes on a request what is lost when Next makes a `Request` of it: which headers were repeated, since Node.js joins their values to one
 * that nobody sent, and the address of the sender, as the last in `X-Forwarded-For`.
 */
export function noteArrival({ headers, headersDistinct, socket }: IncomingMessage): void {
  const repeated = REQUEST_HEADERS.filter((name) => (headersDistinct[name]?.length ?? 0) > 1);
  headers[REPEATED] = repeated.join(', ');
  headers['x-forwarded-for'] = [headers['x-forwarded-for'] ?? [], socket.remoteAddress ?? []].flat().join(', ');
}

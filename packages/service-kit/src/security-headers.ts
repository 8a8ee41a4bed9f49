import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * helmet's headers, and no caching: without the header, a cache on the way could answer with an outdated order. HTTPS is left
 * to the ingress, because Swagger UI must load over plain HTTP on a developer's machine.
 */
const HEADERS = headersOf(
  helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
  }),
).set('Cache-Control', 'no-store');

/** Every answer has the same headers, so helmet is asked once: per request, its fourteen handlers take 10 µs. */
function headersOf(handler: ReturnType<typeof helmet>): Map<string, string> {
  const headers = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  handler({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}

export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.setHeaders(HEADERS);
  next();
};

/** The same headers, as a flat list of names and values. */
export const SECURITY_HEADERS: readonly string[] = [...HEADERS].flat();

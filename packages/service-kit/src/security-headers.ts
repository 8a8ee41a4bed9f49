import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * helmet's headers, and no cache: without a word about it, one between here and the caller may answer with an order as it was.
 * HTTPS is the ingress's business, and Swagger UI must load over plain HTTP on one's own machine.
 */
export function securityHeaders(): RequestHandler[] {
  const secure = helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
  });
  const notStored: RequestHandler = (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  };
  return [secure, notStored];
}

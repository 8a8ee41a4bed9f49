import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * helmet's headers, and no caching: without the header, a cache on the way could answer with an outdated order. HTTPS is left
 * to the ingress, because Swagger UI must load over plain HTTP on a developer's machine.
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

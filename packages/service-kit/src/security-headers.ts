import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** helmet's headers. HTTPS is the ingress's business, and Swagger UI must load over plain HTTP on one's own machine. */
export function securityHeaders(): RequestHandler {
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
  });
}

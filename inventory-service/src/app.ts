import { MAX_COMMAND_BYTES, MAX_COMMANDS_PER_REQUEST } from '@valerix/contracts';
import { apiDocs } from '@valerix/service-kit/api-docs';
import { jsonBody, ndjsonBody } from '@valerix/service-kit/body';
import { cutConnections } from '@valerix/service-kit/chaos/inbound';
import { type HealthOptions, healthRoutes } from '@valerix/service-kit/health';
import type { Logger } from '@valerix/service-kit/logger';
import { requestMetrics } from '@valerix/service-kit/metrics';
import { errorHandler, notFound } from '@valerix/service-kit/problem';
import { requestContext } from '@valerix/service-kit/request-context';
import { requestLog } from '@valerix/service-kit/request-log';
import { securityHeaders } from '@valerix/service-kit/security-headers';
import express, { type Express, type RequestHandler } from 'express';
import { translateError } from './errors.ts';
import { openApiDocument } from './openapi.ts';
import { createRoutes, type RouteDeps } from './routes.ts';

export interface AppDeps {
  health: HealthOptions;
  logger: Logger;
  /** Faults that happen to a request at the door. */
  inboundFaults: RequestHandler;
  routes: RouteDeps;
}

/** The HTTP application; what a request passes, in this order. */
export function createApp({ health, logger, inboundFaults, routes }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(health.lifecycle.closeConnectionsWhileDraining);
  app.use(securityHeaders());
  app.use(requestContext);
  app.use(healthRoutes(health));
  app.use(apiDocs(openApiDocument));
  app.use(requestLog(logger));
  app.use(requestMetrics(health.registry));
  app.use('/api/inventory/commands', ndjsonBody(MAX_COMMANDS_PER_REQUEST * MAX_COMMAND_BYTES));
  app.use(jsonBody('64kb'));
  app.use(inboundFaults);
  app.use(createRoutes(routes));
  app.use(notFound);
  app.use(cutConnections);
  app.use(errorHandler(translateError));
  return app;
}

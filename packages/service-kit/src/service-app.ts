import express, { type Express, type RequestHandler } from 'express';
import { apiDocs } from './api-docs.ts';
import { jsonBody } from './body.ts';
import { CONTROL_PATH } from './chaos/control/control-routes.ts';
import { cutConnections, inboundFaults } from './chaos/inbound.ts';
import type { Injector } from './chaos/injector.ts';
import { type HealthChecks, healthRoutes } from './health.ts';
import type { HttpProcess } from './http-process.ts';
import { type RequestLabels, requestMetrics } from './metrics.ts';
import { errorHandler, notFound, type ProblemError } from './problem.ts';
import { requestContext } from './request-context.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** A process, with the control of chaos where it has one. */
type Served = HttpProcess & { control?: RequestHandler | undefined };

export interface ServiceAppOptions {
  checks: HealthChecks;
  openApi: object;
  /** The answers that metrics show from the start. */
  expectedAnswers?: RequestLabels[];
  /** What reads a body, by the path under which it does; JSON up to 64 kB unless said. */
  bodies?: Record<string, RequestHandler | RequestHandler[]>;
  routes: RequestHandler;
  /** Knows the process's own errors. */
  translateError: (error: unknown) => ProblemError | undefined;
  /** The faults that may hit a request; absent, none can. */
  faults?: {
    injector: Injector<'inbound'>;
    /** Paths whose work passes `inbound` piece by piece. */
    hitByPiece?: string[];
  };
}

/** The HTTP application of a process; what a request passes, in this order. */
export function createServiceApp(process: Served, options: ServiceAppOptions): Express {
  const { bodies = { '/': jsonBody('64kb') }, faults } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(process.lifecycle.closeConnectionsWhileDraining);
  app.use(securityHeaders());
  app.use(requestContext);
  app.use(healthRoutes(process, options.checks));
  app.use(apiDocs(options.openApi));
  app.use(requestLog(process.logger));
  app.use(requestMetrics(process.registry, options.expectedAnswers));
  // Before everything a fault can reach.
  if (process.control) app.use(CONTROL_PATH, process.control);
  for (const [path, read] of Object.entries(bodies)) app.use(path, read);
  if (faults) app.use(inboundFaults(faults.injector, faults.hitByPiece));
  app.use(options.routes);
  app.use(notFound);
  if (faults) app.use(cutConnections);
  app.use(errorHandler(options.translateError));
  return app;
}

import type { RequestListener } from 'node:http';
import express, { type RequestHandler } from 'express';
import { apiDocs } from './api-docs.ts';
import { jsonBody } from './body.ts';
import type { ChaosHttp } from './chaos/service-chaos.ts';
import { type EarlyRefusal, refusingEarly } from './early-refusal.ts';
import { type HealthChecks, healthRoutes } from './health.ts';
import type { HttpProcess } from './http-process.ts';
import { type RequestLabels, requestMetrics } from './metrics.ts';
import { errorHandler, notFound, type ProblemError } from './problem.ts';
import type { LimitedPaths } from './rate-limits.ts';
import { requestContext } from './request-context.ts';
import { requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** A process, with its chaos if it has any. */
type Served = HttpProcess & { chaos?: ChaosHttp | undefined };

export interface ServiceAppOptions {
  checks: HealthChecks;
  openApi: object;
  /** The answers that the metrics show from the start. */
  expectedAnswers?: RequestLabels[];
  /** The body parser of each path; default: JSON up to 64 kB. */
  bodies?: Record<string, RequestHandler | RequestHandler[]>;
  /** Paths whose requests have a quota of their own, such as those where people sign in. */
  limitedAs?: LimitedPaths;
  /** Refuses requests before they cost anything: before the probes, the log, the body and the faults. */
  admission?: RequestHandler;
  /** Refuses a request before even Express sees it. */
  refuseEarly?: EarlyRefusal;
  routes: RequestHandler;
  /** Turns the process's own errors into problems. */
  translateError: (error: unknown) => ProblemError | undefined;
  /** Paths whose orders pass the failpoint `inbound` one by one. */
  hitByPiece?: string[];
}

/** The HTTP application of a process. A request passes the middleware in this order. */
export function createServiceApp(process: Served, options: ServiceAppOptions): RequestListener {
  const { bodies = { '/': jsonBody('64kb') } } = options;
  const { chaos } = process;
  const app = express();
  const metrics = requestMetrics(process.registry, options.expectedAnswers);
  app.disable('x-powered-by').disable('etag').set('trust proxy', process.trustedProxies);
  app.use(process.lifecycle.closeConnectionsWhileDraining);
  if (chaos) app.use(chaos.holdWhileStill);
  app.use(securityHeaders);
  app.use(requestContext);
  app.use(metrics.handler);
  app.use(process.identify);
  app.use(process.limits.handler(options.limitedAs));
  if (options.admission) app.use(options.admission);
  app.use(healthRoutes(process, options.checks));
  app.use(apiDocs(options.openApi));
  app.use(requestLog(process.logger));
  // Before everything a fault can reach.
  if (chaos) app.use(chaos.control);
  for (const [path, read] of Object.entries(bodies)) app.use(path, read);
  if (chaos) app.use(chaos.inbound(options.hitByPiece));
  app.use(options.routes);
  app.use(notFound);
  if (chaos) app.use(chaos.cutConnections);
  app.use(errorHandler(options.translateError));
  return options.refuseEarly ? refusingEarly(app, options.refuseEarly, { ...process, metrics }) : app;
}

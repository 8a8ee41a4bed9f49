import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Registry } from 'prom-client';

/** Seconds. An edge stands at every threshold that an alert, a dashboard or a benchmark uses. */
export const DURATION_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10];
/** Items handled together. */
export const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** A registry with Node's own metrics. Which service and replica it is, the scraper knows. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  return registry;
}

export function counter<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Counter<L> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

export function gauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Gauge<L> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

/** A gauge that is asked for its value when it is scraped. `read` must not leave the process. */
export function sampledGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

export function histogram<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
  buckets: number[] = DURATION_BUCKETS,
): Histogram<L> {
  return new Histogram({ name, help, labelNames, buckets, registers: [registry] });
}

/**
 * Measures every request that comes past: `http_request_duration_seconds{method,route,status_code}`.
 * The label is the route's template, never the path, so that the number of series is bounded. Probes, scrapes and streams are
 * routed before or around it and do not count.
 */
export function requestMetrics(registry: Registry): RequestHandler {
  const duration = histogram(registry, 'http_request_duration_seconds', 'Duration of HTTP requests in seconds.', [
    'method',
    'route',
    'status_code',
  ]);
  return (req, res, next) => {
    const start = performance.now();
    res.once('close', () => {
      if (res.locals.notTraffic) return;
      const route = req.route ? `${req.baseUrl}${req.route.path}` : 'unmatched';
      const method = KNOWN_METHODS.has(req.method) ? req.method : 'OTHER';
      // 499, as nginx says it: the caller left before the answer.
      const status_code = res.writableFinished ? String(res.statusCode) : '499';
      duration.observe({ method, route, status_code }, (performance.now() - start) / 1000);
    });
    next();
  };
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

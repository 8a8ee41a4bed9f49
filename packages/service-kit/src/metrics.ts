import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Registry } from 'prom-client';

/**
 * Seconds, with an edge at every threshold that an alert or a dashboard uses: 0.5 (amber, latency SLO) and 1 (red).
 * Each edge costs one series per method, route and status, and a service must stay under 300 series.
 */
export const DURATION_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5];
/** Items handled together. */
export const BATCH_BUCKETS = [1, 4, 16, 64, 256];

/**
 * Metrics of prom-client that no rule or panel reads, or that repeat another metric: about 80 series.
 * `nodejs_eventloop_lag_seconds` must stay: collecting it sets the other lag gauges.
 */
const UNREAD_METRICS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  // NaN when two scrapes follow each other closely.
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_gc_duration_seconds',
  'nodejs_heap_space_size_available_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'process_cpu_system_seconds_total',
  'process_cpu_user_seconds_total',
  'process_heap_bytes',
  'process_max_fds',
  'process_open_fds',
  'process_virtual_memory_bytes',
];

const START_TIME = 'process_start_time_seconds';

/** A registry with Node's own metrics. The scraper adds service and replica. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  for (const name of UNREAD_METRICS) registry.removeSingleMetric(name);
  // prom-client rounds it to whole seconds, in which two replicas may start.
  registry.removeSingleMetric(START_TIME);
  gauge(registry, START_TIME, 'When the process started, Unix seconds.').set(performance.timeOrigin / 1_000);
  return registry;
}

/**
 * Shows the known values of a counter's label from the start. A series that appears with its first event has no earlier
 * sample to compare with, so that event would be missing from every `rate` and `increase`.
 */
export function fromZero<L extends string>(counted: Counter<L>, label: L, values: readonly string[]): Counter<L> {
  for (const value of values) counted.inc({ [label]: value } as Record<L, string>, 0);
  return counted;
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

/** A gauge read when it is scraped. `read` must not leave the process. */
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

/** The same with one label: `read` returns a number for each of its values. */
export function sampledGauges<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  label: L,
  read: () => Record<string, number>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      for (const [value, number] of Object.entries(read())) this.set({ [label]: value } as Record<L, string>, number);
    },
  });
}

/** Exports a counter or a gauge under a second name as well. @throws Error when nothing is registered under the first */
export function alsoNamed(registry: Registry, name: string, secondName: string): void {
  const metric = registry.getSingleMetric(name);
  if (!metric) throw new Error(`There is no metric ${name}.`);
  registry.registerMetric(Object.assign(Object.create(metric), { name: secondName }));
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

/** The labels of a request. */
export interface RequestLabels {
  method: string;
  route: string;
  status_code: string;
}

/**
 * Measures every request that reaches it: `http_request_duration_seconds{method,route,status_code}`. The label is the route's
 * template, never the path: the number of series stays bounded. What is `notTraffic` does not count. `expected` answers are shown from
 * the start, as by `fromZero`: an SLO must not miss its first failures.
 */
export function requestMetrics(registry: Registry, expected: RequestLabels[] = []) {
  const duration = histogram(registry, 'http_request_duration_seconds', 'Duration of HTTP requests in seconds.', [
    'method',
    'route',
    'status_code',
  ]);
  for (const labels of expected) duration.zero(labels);
  const expectedRoutes = new Set(expected.map(({ method, route }) => `${method} ${route}`));
  const handler: RequestHandler = (req, res, next) => {
    const start = performance.now();
    // For a request refused before routing: an unreadable body, an injected fault.
    const early = expectedRoutes.has(`${req.method} ${req.path}`) ? req.path : undefined;
    res.once('close', () => {
      if (res.locals.notTraffic) return;
      const route = req.route ? `${req.baseUrl}${req.route.path}` : early;
      // 499, as in nginx: the caller left before the answer.
      const status_code = res.writableFinished ? String(res.statusCode) : '499';
      // A method that no route serves comes from the caller, and could multiply the series.
      const served = route && res.statusCode !== 405 && KNOWN_METHODS.has(req.method);
      const method = served ? req.method : 'OTHER';
      duration.observe({ method, route: route ?? 'unmatched', status_code }, (performance.now() - start) / 1000);
    });
    next();
  };
  return {
    handler,
    /** Counts a request that was answered at once, before it reached `handler`. */
    countAtOnce: (labels: RequestLabels) => duration.observe(labels, 0),
  };
}

/** For polled paths and long streams: if they counted, they would hide how long customers wait. */
export const notTraffic: RequestHandler = (_req, res, next) => {
  res.locals.notTraffic = true;
  next();
};

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

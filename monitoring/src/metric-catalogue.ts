import { chaosMetrics } from '@valerix/service-kit/chaos/metrics';
import { createRegistry, type Registry, requestMetrics } from '@valerix/service-kit/metrics';
import { type Pool, poolMetrics } from '@valerix/service-kit/postgres';
import { type Redis, redisMetrics } from '@valerix/service-kit/redis';
import { createMetrics as createInventoryMetrics, keepChaosNames } from '../../inventory-service/src/metrics.ts';
import { createMetrics as createOrderMetrics } from '../../order-service/src/metrics.ts';

export interface MetricEntry {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  help: string;
  labels: string[];
  /** Of a histogram, in its unit. */
  buckets: number[];
}

export type ServiceJob = 'order-service' | 'inventory-service';

/** What each service can expose, read from the registries that its own code fills; nothing is connected to anything. */
export function metricCatalogue(): Record<ServiceJob, MetricEntry[]> {
  return {
    'order-service': entriesOf((registry) => {
      const metrics = createOrderMetrics(registry);
      metrics.watchBulkhead(() => 0, 1);
      metrics.watchIntegrityLag(() => 0);
    }),
    'inventory-service': entriesOf((registry) => {
      createInventoryMetrics(registry);
      keepChaosNames(registry);
    }),
  };
}

/** The names under which a metric's samples are found: a histogram has three. */
export function sampleNames(entry: MetricEntry): string[] {
  if (entry.type !== 'histogram') return [entry.name];
  return ['_bucket', '_sum', '_count'].map((suffix) => entry.name + suffix);
}

function entriesOf(fill: (registry: Registry) => void): MetricEntry[] {
  const registry = createRegistry();
  requestMetrics(registry);
  poolMetrics(registry, { totalCount: 0, idleCount: 0, waitingCount: 0 } as Pool, 1);
  redisMetrics(registry, { status: 'ready' } as Redis);
  chaosMetrics(registry, () => []);
  fill(registry);
  return registry
    .getMetricsAsArray()
    .map((metric) => {
      // prom-client has both fields and does not type them.
      const inside = metric as unknown as { labelNames: string[]; upperBounds?: number[] };
      const { name, help } = metric;
      const type = String(metric.type) as MetricEntry['type'];
      return {
        name,
        type,
        help,
        labels: inside.labelNames.filter((label) => label !== 'le'),
        buckets: inside.upperBounds ?? [],
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

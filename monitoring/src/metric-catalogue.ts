import { existsSync } from 'node:fs';
import { chaosMetrics } from '@valerix/service-kit/chaos/metrics';
import { clockGauge } from '@valerix/service-kit/follow-database';
import { createRegistry, type Registry, requestMetrics } from '@valerix/service-kit/metrics';
import { databaseGauge, poolMetrics } from '@valerix/service-kit/pools';
import { limitMetrics } from '@valerix/service-kit/rate-limits';
import { type Redis, redisMetrics } from '@valerix/service-kit/redis';
import { retentionMetrics } from '@valerix/service-kit/retention/retain';
import { SERVICE_NAMES, type ServiceName } from '@valerix/system';

export interface MetricEntry {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  help: string;
  labels: string[];
  /** Of a histogram, in its unit. */
  buckets: number[];
}

type Fill = (registry: Registry) => unknown;

/**
 * The metrics each service can expose, read without any connection from the registries that its own code fills. A service
 * lists them in `metrics.ts`: `everyMetric`, or `createMetrics` if that is all. Without the file it has only the kit's metrics.
 */
export const metricCatalogue = Object.fromEntries(
  await Promise.all(SERVICE_NAMES.map(async (name) => [name, entriesOf(await ownMetrics(name))])),
) as Record<ServiceName, MetricEntry[]>;

async function ownMetrics(name: ServiceName): Promise<Fill> {
  const file = new URL(`../../${name}/src/metrics.ts`, import.meta.url);
  if (!existsSync(file)) return () => {};
  const own = (await import(file.href)) as { everyMetric?: Fill; createMetrics: Fill };
  return own.everyMetric ?? own.createMetrics;
}

function entriesOf(fill: Fill): MetricEntry[] {
  const registry = createRegistry();
  requestMetrics(registry);
  poolMetrics(registry, {});
  databaseGauge(registry);
  clockGauge(registry, () => 0);
  redisMetrics(registry, { status: 'ready' } as Redis);
  chaosMetrics(registry, () => []);
  retentionMetrics(registry);
  limitMetrics(registry);
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

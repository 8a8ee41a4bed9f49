import { expect, test } from 'vitest';
import { metricCatalogue } from '../../monitoring/src/metric-catalogue.ts';
import { named } from './manifests.ts';
import { render, type Target, targets } from './render.ts';

/** What the Prometheus operator puts on every series of a ServiceMonitor. */
const targetLabels = ['job', 'instance', 'namespace', 'service', 'pod', 'container', 'endpoint'];

// Without honorLabels Prometheus renames a metric's own label to exported_…, and rules read the target's instead.
test.each(Object.entries(metricCatalogue()))(
  'the labels of %s stay what its metrics say',
  (job, metrics) => {
    const target = targets.find(({ components }) => components.join() === 'monitoring-operator') as Target;
    const { endpoints } = named(render(target), 'ServiceMonitor', job).spec as {
      endpoints: { honorLabels?: boolean }[];
    };
    const taken = metrics.flatMap(({ labels }) => labels).filter((label) => targetLabels.includes(label));
    // honorLabels would let a metric's job or instance through too, by which everything is told apart.
    expect(taken.filter((label) => label === 'job' || label === 'instance')).toEqual([]);
    for (const { honorLabels = false } of endpoints) expect(honorLabels).toBe(taken.length > 0);
  },
  60_000,
);

import { expect, it } from 'vitest';
import { metricCatalogue } from '../../monitoring/src/metric-catalogue.ts';
import { matches, named, ofKind } from './manifests.ts';
import { render, type Target, targets } from './render.ts';

/** What the Prometheus operator puts on every series of a ServiceMonitor. */
const targetLabels = ['job', 'instance', 'namespace', 'service', 'pod', 'container', 'endpoint'];

// Without honorLabels Prometheus renames a metric's own label to exported_…, and rules read the target's instead.
it.each(Object.entries(metricCatalogue))(
  'the labels of %s stay what its metrics say',
  (job, metrics) => {
    const target = targets.find(({ components }) => components.join() === 'monitoring-operator') as Target;
    const service = named(render(target), 'Service', job);
    const monitors = ofKind(render(target), 'ServiceMonitor').map(({ spec }) => spec as unknown as Monitor);
    const found = monitors.filter(({ selector }) => matches(service.metadata.labels ?? {}, selector.matchLabels));
    expect(found.map(({ jobLabel }) => service.metadata.labels?.[jobLabel])).toEqual([job]);
    const taken = metrics.flatMap(({ labels }) => labels).filter((label) => targetLabels.includes(label));
    // honorLabels would let a metric's job or instance through too, by which everything is told apart.
    expect(taken.filter((label) => label === 'job' || label === 'instance')).toEqual([]);
    for (const { honorLabels } of found.flatMap(({ endpoints }) => endpoints)) expect(honorLabels).toBe(true);
  },
  60_000,
);

interface Monitor {
  jobLabel: string;
  selector: { matchLabels: Record<string, string> };
  endpoints: { honorLabels?: boolean }[];
}

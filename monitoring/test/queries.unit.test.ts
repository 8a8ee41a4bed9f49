import { expect, it } from 'vitest';
import { alerts } from '../src/alerts.ts';
import { burnAlerts, classroomAlerts } from '../src/burn-alerts.ts';
import { metricCatalogue } from '../src/metric-catalogue.ts';
import { nowRules, sloRules } from '../src/recording-rules.ts';
import { dashboardQueries, readsOf, sampleNames } from './support/read-queries.ts';

/** What the scrape puts on every series. */
const scraped = ['job', 'instance'];
const recordingRules = [...nowRules, ...sloRules.short, ...sloRules.medium, ...sloRules.long];

/** Every name a query may read, with the labels it may use there. */
const known = new Map<string, Set<string>>([
  ['up', new Set(scraped)],
  ['ALERTS', new Set(['alertname', 'alertstate', 'severity'])],
  ...recordingRules.map(({ record, expr, labels }) => {
    return [record, new Set([...Object.keys(labels ?? {}), ...readsOf(expr).groupedBy])] as const;
  }),
]);
for (const entry of Object.values(metricCatalogue).flat()) {
  for (const name of sampleNames(entry)) {
    const le = name.endsWith('_bucket') ? ['le'] : [];
    known.set(name, new Set([...(known.get(name) ?? scraped), ...entry.labels, ...le]));
  }
}

const queries = [
  ...dashboardQueries().map(({ dashboard, panel, expr }) => ({ where: `${dashboard}: ${panel}`, expr })),
  ...[...alerts, ...burnAlerts, ...classroomAlerts].map(({ name, expr }) => ({ where: `alert ${name}`, expr })),
  ...recordingRules.map(({ record, expr }) => ({ where: `rule ${record}`, expr })),
].map(({ where, expr }) => ({ where, expr: expr.replaceAll('$__rate_interval', '30s') }));

it.each(queries)('$where reads metrics and labels that exist', ({ expr }) => {
  const { selectors, groupedBy } = readsOf(expr);
  expect(selectors.length).toBeGreaterThan(0);
  const labels = new Set<string>();
  for (const { metric, labels: used } of selectors) {
    const available = known.get(metric);
    expect(available, `${metric} is exposed by no service`).toBeDefined();
    for (const label of used) expect([...(available ?? [])], `labels of ${metric}`).toContain(label);
    for (const label of available ?? []) labels.add(label);
  }
  for (const label of groupedBy) expect([...labels], 'grouped by').toContain(label);
});

it('an unknown name, a wrong label and a typing error are noticed', () => {
  expect(readsOf('sum by (a) (rate(m{b="1",c=~"2"}[30s])) / on (d) n')).toEqual({
    selectors: [
      { text: 'm{b="1",c=~"2"}', metric: 'm', labels: ['b', 'c'] },
      { text: 'n', metric: 'n', labels: [] },
    ],
    groupedBy: ['a', 'd'],
  });
  expect(() => readsOf('sum(rate(m[30s])')).toThrow('not PromQL');
});

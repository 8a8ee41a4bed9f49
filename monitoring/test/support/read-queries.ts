import { parser } from '@prometheus-io/lezer-promql';
import { dashboards } from '../../src/dashboards/index.ts';
import type { MetricEntry } from '../../src/metric-catalogue.ts';

/** A selector found in an expression. */
interface Selector {
  text: string;
  metric: string;
  labels: string[];
}

/**
 * The selectors of an expression, and the labels it groups or joins by, found with the grammar of Prometheus's own editor.
 * @throws Error when it cannot be parsed
 */
export function readsOf(expr: string) {
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${expr}`);
      if (node.name === 'VectorSelector') selectors.push({ text, metric: '', labels: [] });
      if (node.name === 'Identifier') last(selectors).metric = text;
      if (node.name === 'LabelName') {
        const inMatcher = node.node.parent?.name.endsWith('LabelMatcher');
        (inMatcher ? last(selectors).labels : groupedBy).push(text);
      }
    },
  });
  return { selectors, groupedBy };
}

function last(selectors: Selector[]): Selector {
  const selector = selectors.at(-1);
  if (!selector) throw new Error('a label outside of any selector');
  return selector;
}

/** The names under which a metric's samples are found: a histogram has three. */
export function sampleNames(entry: MetricEntry): string[] {
  if (entry.type !== 'histogram') return [entry.name];
  return ['_bucket', '_sum', '_count'].map((suffix) => entry.name + suffix);
}

interface DashboardQuery {
  dashboard: string;
  panel: string;
  expr: string;
}

/** Every expression on every dashboard, annotations included. */
export function dashboardQueries(): DashboardQuery[] {
  return Object.entries(dashboards).flatMap(([name, built]) => [
    ...(built.annotations?.list ?? []).map((annotation) => queryOf(name, annotation.name, annotation.target)),
    ...(built.panels ?? []).flatMap((panel) =>
      'targets' in panel ? (panel.targets ?? []).map((target) => queryOf(name, panel.title ?? 'untitled', target)) : [],
    ),
  ]);
}

function queryOf(dashboard: string, panel: string, target: unknown): DashboardQuery {
  return { dashboard, panel, expr: (target as { expr: string }).expr };
}

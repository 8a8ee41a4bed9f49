import { parser } from '@prometheus-io/lezer-promql';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';

/** The matcher for the series of some services: compose, Kubernetes and `make monitoring` name each job after its service. */
export function jobIs(...keys: readonly ServiceKey[]): string {
  const names = keys.map((key) => declaration(key).name);
  return names.length === 1 ? `job="${names[0]}"` : `job=~"${names.join('|')}"`;
}

/** The matcher for the series of all services. */
export const anyJob = jobIs(...SERVICE_KEYS);

/** The average observation of a histogram in a window, by label. */
export function meanOf(histogram: string, matchers: string, by: string, window = '$__rate_interval'): string {
  const rate = (part: string) => `sum by (${by}) (rate(${histogram}_${part}{${matchers}}[${window}]))`;
  return `${rate('sum')} / (${rate('count')} > 0)`;
}

/** The share `part / whole`: 0 without a series of `part`, and no value without a `whole`. */
export function ratio(part: string, whole: string): string {
  return `((${part}) or 0 * (${whole})) / (${whole} > 0)`;
}

/** A selector found in an expression. */
export interface Selector {
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

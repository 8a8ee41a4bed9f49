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

import { failureInWords } from '@valerix/service-kit/failure-in-words';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { BreakerView } from '../live/live-types.ts';
import type { ReplicaDetails, ServiceDetails, Use } from '../live/service-details.ts';
import type { MetricSample } from './prometheus-text.ts';
import { gaugeMax, type Increase } from './replica-counters.ts';
import { readAlertsOfDay, readHealth } from './service-reads.ts';

/** What the sampler knows of a service. `samples` is `null` for a replica without a fresh scrape. */
export interface KnownService {
  readonly replicas: ReadonlyArray<Pick<ReplicaDetails, 'url' | 'error'> & { samples: readonly MetricSample[] | null }>;
  /** Of the last 30 s. */
  readonly increases: readonly Increase[];
  readonly breakers: readonly BreakerView[];
}

const SHOWN_ERRORS = 8;
const LIMIT_MS = 1_500;

/** The details of a service: what was sampled, the version that each replica says now, and what Prometheus remembers. */
export async function detailsOf(
  key: ServiceKey,
  known: KnownService,
  prometheusUrl: string | null,
  nowMs: number,
): Promise<ServiceDetails> {
  const versions = known.replicas.map(({ url }) =>
    readHealth(url, AbortSignal.timeout(LIMIT_MS)).then(
      ({ version }) => version,
      () => null,
    ),
  );
  const alerts =
    prometheusUrl === null
      ? Promise.resolve({ alerts: null, alerts_error: null })
      : readAlertsOfDay(prometheusUrl, declaration(key).name, AbortSignal.timeout(LIMIT_MS)).then(
          (found) => ({ alerts: found, alerts_error: null }),
          (error: unknown) => ({ alerts: null, alerts_error: failureInWords(error, LIMIT_MS) }),
        );
  const replicas = known.replicas.map(async ({ samples, ...one }, index) => ({
    ...one,
    up: samples !== null,
    version: (await versions[index]) ?? null,
    uptime_seconds: samples && uptimeOf(samples, nowMs),
    uses: samples === null ? [] : usesOf(samples),
  }));
  const failures = summed(known.increases.map(({ failures }) => failures));
  return {
    replicas: await Promise.all(replicas),
    errors: Object.entries(failures)
      .map(([kind, count]) => ({ kind, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, SHOWN_ERRORS),
    breakers: breakersOf(known),
    ...(await alerts),
  };
}

function uptimeOf(samples: readonly MetricSample[], nowMs: number): number | null {
  const started = gaugeMax(samples, 'process_start_time_seconds');
  return started === null ? null : Math.max(0, nowMs / 1000 - started);
}

/** The pools and bulkheads of a process, by the gauges that it exports. */
export function usesOf(samples: readonly MetricSample[]): Use[] {
  const uses = (prefix: string, limit: string, label: string, nameOf: (value: string) => string): Use[] =>
    samples
      .filter(({ name }) => name === `${prefix}_in_use`)
      .map(({ labels, value }) => {
        const own = samples.filter((one) => one.labels[label] === labels[label]);
        return {
          name: nameOf(labels[label] ?? ''),
          in_use: value,
          max: gaugeMax(own, `${prefix}_${limit}`),
          waiting: gaugeMax(own, `${prefix}_waiting`),
        };
      });
  return [
    ...uses('db_pool', 'max', 'pool', (pool) => `pool ${pool}`),
    ...uses('participant_bulkhead', 'max', 'service', (service) => `bulkhead of ${service}`),
    ...uses('payment_bulkhead', 'limit', '', () => 'bulkhead of the provider'),
  ];
}

/** The worst breaker to each service, with the calls of all replicas. */
function breakersOf({ increases, breakers }: KnownService): ServiceDetails['breakers'] {
  const calls = summed(increases.map((one) => one.calls));
  const rank = { closed: 0, 'half-open': 1, open: 2 };
  return SERVICE_KEYS.flatMap((to) => {
    const worst = breakers.filter((one) => one.to === to).sort((a, b) => rank[b.state] - rank[a.state])[0];
    if (worst === undefined) return [];
    const own = (outcome: string) => `${declaration(to).name} ${outcome}`;
    const sent = Object.keys(calls).filter((name) => name.startsWith(own('')) && name !== own('not-sent'));
    const count = sent.reduce((sum, name) => sum + (calls[name] ?? 0), 0);
    return [
      {
        to,
        state: worst.state,
        calls: count,
        failed: calls[own('unknown')] ?? 0,
        not_sent: calls[own('not-sent')] ?? 0,
      },
    ];
  });
}

function summed(counts: ReadonlyArray<Readonly<Record<string, number>>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one))) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

import {
  type ChaosState,
  chaosState,
  gamedayPage,
  type Health,
  health,
  type Integrity,
  integrity,
} from '@valerix/contracts';
import { z } from 'zod';
import { type Alert, CHAOS_OFF, type LiveState } from '../live/live-types.ts';
import type { PastAlert } from '../live/service-details.ts';
import { type MetricSample, parsePrometheusText } from './prometheus-text.ts';

/** The largest body that the sampler reads. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export async function readMetrics(baseUrl: string, signal: AbortSignal): Promise<MetricSample[]> {
  return parsePrometheusText(await readText(`${baseUrl}/metrics`, signal));
}

/** A service that is down answers `/health` with 503 and the same body, which counts as an answer. */
export async function readHealth(baseUrl: string, signal: AbortSignal): Promise<Health> {
  return health.parse(await readJson(`${baseUrl}/health`, signal, {}, [503]));
}

/** With the operator's token if there is one: where access is closed, the verdict is not public. */
export async function readIntegrity(baseUrl: string, token: string | null, signal: AbortSignal): Promise<Integrity> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return integrity.parse(await readJson(`${baseUrl}/api/integrity`, signal, headers));
}

/** Reads with the operator's token. Every viewer may see the state of chaos; only operators may change it. */
export async function readChaos(baseUrls: string[], token: string | null, signal: AbortSignal): Promise<ChaosState> {
  if (token === null) throw new Error('the dashboard has no operator token');
  // Side by side, because one may hang until the signal. The first in the list that answers speaks for all.
  const answers = await Promise.allSettled(
    baseUrls.map(async (url) => chaosState.parse(await readOperatorJson(`${url}/api/admin/chaos`, token, signal))),
  );
  const answer = answers.find((one) => one.status === 'fulfilled') ?? answers[0];
  if (answers.every((one) => one.status === 'rejected' && one.reason.message === NOT_OFFERED))
    throw new Error(CHAOS_OFF);
  if (answer?.status !== 'fulfilled') throw answer?.reason;
  return answer.value;
}

export const readOperatorJson = (url: string, token: string, signal: AbortSignal): Promise<unknown> =>
  readJson(url, signal, { authorization: `Bearer ${token}` });

/** The newest run of the laboratory; `null` before the first. */
export async function readNewestGameday(baseUrl: string, signal: AbortSignal): Promise<LiveState['gameday']> {
  const [run] = gamedayPage.parse(await readJson(`${baseUrl}/api/gamedays?limit=1`, signal)).items;
  if (run === undefined) return null;
  const { id, state, verdict, title, experiment } = run;
  return { id, state, verdict, title: title ?? experiment };
}

const alert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
});
const alertmanagerAlerts = z.array(alert.extend({ startsAt: z.string() }));
const prometheusAlerts = z.object({
  data: z.object({ alerts: z.array(alert.extend({ state: z.string(), activeAt: z.string() })) }),
});

export async function readAlertmanager(baseUrl: string, signal: AbortSignal): Promise<Alert[]> {
  const url = `${baseUrl}/api/v2/alerts?active=true&silenced=false&inhibited=false`;
  const alerts = alertmanagerAlerts.parse(await readJson(url, signal));
  return alerts.map((one) => toAlert(one, one.startsAt));
}

export async function readPrometheusAlerts(baseUrl: string, signal: AbortSignal): Promise<Alert[]> {
  const body = prometheusAlerts.parse(await readJson(`${baseUrl}/api/v1/alerts`, signal));
  return body.data.alerts.filter((one) => one.state === 'firing').map((one) => toAlert(one, one.activeAt));
}

const prometheusRules = z.object({
  data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), query: z.string() })) })) }),
});
const prometheusVector = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

/** The alerts of a job that fired in the last day. One whose labels name no job belongs to the only job that its rule names. */
export async function readAlertsOfDay(baseUrl: string, job: string, signal: AbortSignal): Promise<PastAlert[]> {
  const query = encodeURIComponent('max_over_time(ALERTS{alertstate="firing"}[1d])');
  const [rules, fired] = await Promise.all([
    readJson(`${baseUrl}/api/v1/rules?type=alert`, signal),
    readJson(`${baseUrl}/api/v1/query?query=${query}`, signal),
  ]);
  const jobs = new Map<string, string | undefined>();
  for (const rule of prometheusRules.parse(rules).data.groups.flatMap((group) => group.rules)) {
    const named = new Set([...rule.query.matchAll(/\bjob="([\w-]+)"/g)].map(([, name]) => name));
    jobs.set(rule.name, named.size === 1 ? [...named][0] : undefined);
  }
  const own = prometheusVector
    .parse(fired)
    .data.result.map(({ metric }) => metric)
    .filter(({ alertname = '', job: labelled = jobs.get(alertname) }) => labelled === job)
    .map(({ alertname = 'alert', severity = 'none' }) => [alertname, { name: alertname, severity }] as const);
  return [...new Map(own).values()];
}

function toAlert({ labels, annotations }: z.infer<typeof alert>, since: string): Alert {
  return {
    name: labels.alertname ?? 'alert',
    severity: labels.severity ?? 'none',
    // The description names the item, process or invariant; the summary does not.
    summary: annotations.description ?? annotations.summary ?? '',
    since,
  };
}

const NOT_OFFERED = 'not offered by this service';

const readJson = async (...request: Parameters<typeof readText>) => JSON.parse(await readText(...request));

async function readText(
  url: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
  alsoAccepted: readonly number[] = [],
): Promise<string> {
  const response = await fetch(url, { signal, headers, cache: 'no-store' });
  if (!response.ok && !alsoAccepted.includes(response.status)) {
    await response.body?.cancel();
    throw new Error(response.status === 404 ? NOT_OFFERED : `answered ${response.status}`);
  }
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MAX_BODY_BYTES) {
    await response.body?.cancel();
    throw new Error(`answered ${length} bytes, which is over the limit`);
  }
  return response.text();
}

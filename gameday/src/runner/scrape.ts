import { answered, apiClient } from '@valerix/api-client';
import type { ChaosState, Integrity } from '@valerix/contracts';
import { request } from 'undici';

const TIMEOUT_MS = 800;

/** The values of some metrics of a process. @throws when it does not answer */
export async function scrapeMetrics(url: string, names: readonly string[]): Promise<Map<string, number>> {
  const { statusCode, body } = await request(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
  return readMetrics(text, names);
}

/** Sums each metric over its series; a name may carry a label: `circuit_breaker_transitions_total{to="open"}`. */
export function readMetrics(text: string, names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^([a-z_:]+)(\{[^}]*\})? (\S+)/i.exec(line) ?? [];
    for (const wanted of names) {
      const [wantedName, wantedLabel = ''] = wanted.split('{');
      if (name !== wantedName || !labels.includes(wantedLabel.replace('}', ''))) continue;
      found.set(wanted, (found.get(wanted) ?? 0) + Number(value));
    }
  }
  return found;
}

/** @throws when the service does not answer */
export const readIntegrity = (orderUrl: string, token: string): Promise<Integrity> =>
  answered(apiClient('order', orderUrl, { token, timeoutMs: TIMEOUT_MS }).GET('/api/integrity'));

/** @throws when the service does not answer */
export const readChaos = (serviceUrl: string, token: string): Promise<ChaosState> =>
  answered(apiClient('inventory', serviceUrl, { token, timeoutMs: TIMEOUT_MS }).GET('/api/admin/chaos'));

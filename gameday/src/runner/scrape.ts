import type { ChaosState, Integrity } from '@valerix/contracts';
import { request } from 'undici';

const TIMEOUT_MS = 800;

/** @throws when the process does not answer with 200 in time */
async function get(url: string, headers: Record<string, string> = {}) {
  const { statusCode, body } = await request(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (statusCode === 200) return body;
  await body.dump();
  throw new Error(`${url} answered ${statusCode}`);
}

/** The values of some metrics of a process. @throws when it does not answer */
export const scrapeMetrics = async (url: string, names: readonly string[]): Promise<Map<string, number>> =>
  readMetrics(await (await get(`${url}/metrics`)).text(), names);

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
export const readIntegrity = async (orderUrl: string): Promise<Integrity> =>
  (await (await get(`${orderUrl}/api/integrity`)).json()) as Integrity;

/** @throws when the service does not answer */
export async function readChaos(serviceUrl: string, token: string): Promise<ChaosState> {
  const body = await get(`${serviceUrl}/api/admin/chaos`, { authorization: `Bearer ${token}` });
  return (await body.json()) as ChaosState;
}

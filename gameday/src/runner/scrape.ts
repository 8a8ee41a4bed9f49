import type { ChaosState, Integrity } from '@valerix/contracts';
import { request } from 'undici';

const TIMEOUT_MS = 800;

async function get(url: string, headers: Record<string, string> = {}): Promise<string | undefined> {
  try {
    const response = await request(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.body.text();
    return response.statusCode === 200 ? text : undefined;
  } catch {
    return undefined;
  }
}

async function getJson<T>(url: string, headers?: Record<string, string>): Promise<T | undefined> {
  const text = await get(url, headers);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** The values of some metrics of a process; undefined when it does not answer. */
export async function scrapeMetrics(url: string, names: readonly string[]): Promise<Map<string, number> | undefined> {
  const text = await get(`${url}/metrics`);
  return text === undefined ? undefined : readMetrics(text, names);
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

export const readIntegrity = (orderUrl: string): Promise<Integrity | undefined> => getJson(`${orderUrl}/api/integrity`);

export const readChaos = (inventoryUrl: string, token: string): Promise<ChaosState | undefined> =>
  getJson(`${inventoryUrl}/api/admin/chaos`, { authorization: `Bearer ${token}` });

/** One sample of an instant query. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

interface Answer<T> {
  status: 'success' | 'error';
  error?: string;
  data: T;
}

/** Asks Prometheus as Grafana does. `at` is in seconds since 1970, now when absent. @throws Error for an expression it refuses */
export async function query(url: string, expr: string, at?: number): Promise<Sample[]> {
  const form = new URLSearchParams({ query: expr, ...(at !== undefined && { time: String(at) }) });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: form });
  const answer = (await response.json()) as Answer<{
    result: { metric: Record<string, string>; value: [number, string] }[];
  }>;
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${expr}`);
  return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** The names of the alerts that fire now. */
export async function firingAlerts(url: string): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/alerts`);
  const answer = (await response.json()) as Answer<{ alerts: { state: string; labels: { alertname: string } }[] }>;
  return answer.data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
}

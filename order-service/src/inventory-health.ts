import type { Check } from '@valerix/service-kit/health';
import { request } from 'undici';

/** For `/health/deep`: inventory says that it is well. Its own trouble makes this service degraded, as orders are still taken. */
export function inventoryCheck(url: string): Check {
  return {
    severity: 'degraded',
    async run() {
      const response = await request(`${url}/health`, { signal: AbortSignal.timeout(900) });
      const body = (await response.body.json()) as { status?: string };
      if (response.statusCode !== 200) throw new Error(`inventory-service is ${body.status ?? response.statusCode}`);
      return body.status;
    },
  };
}

import type { Check } from '@valerix/service-kit/health';
import { request } from 'undici';

/** For `/health/deep`: asks the inventory service. If that is down, this service is only degraded, since it still takes orders. */
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

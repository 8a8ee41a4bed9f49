import { dashboard } from '../../src/server/dashboard.ts';
import { jsonResponse } from '../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** Ready from the reading of the environment until the process is told to stop: the pages also work while a service is down. */
export function GET(): Response {
  const { draining } = dashboard();
  return draining ? jsonResponse({ status: 'draining' }, {}, 503) : jsonResponse({ status: 'up' });
}

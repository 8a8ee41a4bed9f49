import { dashboard } from '../../src/server/dashboard.ts';
import { jsonResponse } from '../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** Ready once the environment is read, until the process is told to stop. The pages also work, and say so, while a service is down. */
export function GET(): Response {
  const { draining } = dashboard();
  return draining ? jsonResponse({ status: 'draining' }, {}, 503) : jsonResponse({ status: 'up' });
}

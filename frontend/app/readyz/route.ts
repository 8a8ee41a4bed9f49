import { dashboard } from '../../src/server/dashboard.ts';
import { jsonResponse } from '../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** Ready once the environment is read: the pages also work, and say so, while a service is down. */
export function GET(): Response {
  dashboard();
  return jsonResponse({ status: 'up' });
}

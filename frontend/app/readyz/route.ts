import { dashboard } from '../../src/server/dashboard.ts';

export const dynamic = 'force-dynamic';

/** Ready when the environment could be read. A service that is down is shown on the pages; it does not stop them. */
export function GET(): Response {
  dashboard();
  return Response.json({ status: 'up' }, { headers: { 'cache-control': 'no-store' } });
}

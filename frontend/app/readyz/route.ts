import { dashboard } from '../../src/server/dashboard.ts';

export const dynamic = 'force-dynamic';

/** Ready once the environment is read. The pages show a service that is down, and keep working. */
export function GET(): Response {
  dashboard();
  return Response.json({ status: 'up' }, { headers: { 'cache-control': 'no-store' } });
}

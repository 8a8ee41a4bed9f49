import { dashboard } from '../../../../src/server/dashboard.ts';
import { withoutOrders } from '../../../../src/server/live-hub.ts';
import { jsonResponse } from '../../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** The snapshot with which the stream begins, for a page that joins later or polls. */
export async function GET(request: Request): Promise<Response> {
  const self = dashboard();
  const { seesOrders, headers } = await self.sightOf(request);
  const snapshot = self.snapshot();
  return jsonResponse(seesOrders ? snapshot : withoutOrders(snapshot), headers);
}

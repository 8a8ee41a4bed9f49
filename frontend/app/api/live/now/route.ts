import { dashboard } from '../../../../src/server/dashboard.ts';
import { jsonResponse } from '../../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** The snapshot with which the stream begins, for a page that joins later or polls. */
export function GET(request: Request): Response {
  const self = dashboard();
  const snapshot = self.snapshot();
  return jsonResponse(self.seesOrders(request) ? snapshot : { ...snapshot, events: [] });
}

import { dashboard } from '../../../src/server/dashboard.ts';
import { problemResponse } from '../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** The live data as server-sent events: `snapshot` once, then `second` and `orders`. */
export function GET(request: Request): Response {
  const self = dashboard();
  const stream = self.hub.watch(self.snapshot(), request.signal, self.seesOrders(request));
  if (stream === null) {
    const detail = 'Too many browsers watch this dashboard.';
    return problemResponse(request, 'TOO_MANY_WATCHERS', detail, { 'retry-after': '10' });
  }
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

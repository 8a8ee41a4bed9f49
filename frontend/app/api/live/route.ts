import { dashboard } from '../../../src/server/dashboard.ts';
import { problemResponse } from '../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** The live data as server-sent events: `snapshot` once, then `second` and `orders`. */
export async function GET(request: Request): Promise<Response> {
  const { stream, headers } = await dashboard().watch(request);
  if (stream === null) {
    const detail = 'Too many browsers watch this dashboard.';
    return problemResponse(request, 'TOO_MANY_WATCHERS', detail, { ...headers, 'retry-after': '10' });
  }
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    },
  });
}

export const dynamic = 'force-dynamic';

/** Uses nothing outside this process. */
export function GET(): Response {
  return Response.json({ status: 'up' }, { headers: { 'cache-control': 'no-store' } });
}

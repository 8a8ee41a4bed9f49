export const dynamic = 'force-dynamic';

/** Touches nothing outside this process. */
export function GET(): Response {
  return Response.json({ status: 'up' }, { headers: { 'cache-control': 'no-store' } });
}

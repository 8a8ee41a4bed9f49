export const dynamic = 'force-dynamic';

/** Alive as long as this process answers. */
export function GET(): Response {
  return Response.json({ status: 'up' }, { headers: { 'cache-control': 'no-store' } });
}

import { jsonResponse } from '../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** Alive as long as this process answers. */
export function GET(): Response {
  return jsonResponse({ status: 'up' });
}

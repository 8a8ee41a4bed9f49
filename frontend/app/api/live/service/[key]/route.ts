import { SERVICE_KEYS } from '@valerix/system';
import { dashboard } from '../../../../../src/server/dashboard.ts';
import { jsonResponse, problemResponse } from '../../../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

/** The details of one service, for its open card. */
export async function GET(request: Request, { params }: { params: Promise<{ key: string }> }): Promise<Response> {
  const { key } = await params;
  const found = SERVICE_KEYS.find((one) => one === key);
  if (found === undefined) return problemResponse(request, 'NOT_PROXIED', 'There is no such service.');
  return jsonResponse(await dashboard().details(found));
}

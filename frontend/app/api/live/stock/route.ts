import { dashboard } from '../../../../src/server/dashboard.ts';
import { jsonResponse } from '../../../../src/server/problem.ts';

export const dynamic = 'force-dynamic';

export const GET = (): Response => jsonResponse(dashboard().stock);

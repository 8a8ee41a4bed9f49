import { joinClass } from '../../../../src/server/class-requests.ts';
import { dashboard } from '../../../../src/server/dashboard.ts';

export const dynamic = 'force-dynamic';

export const POST = (request: Request): Promise<Response> => joinClass(request, dashboard());

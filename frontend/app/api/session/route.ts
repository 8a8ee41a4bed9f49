import { dashboard } from '../../../src/server/dashboard.ts';
import { endSession, sessionState, startSession } from '../../../src/server/session-requests.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request): Promise<Response> => sessionState(request, dashboard());
export const POST = (request: Request): Promise<Response> => startSession(request, dashboard());
export const DELETE = (request: Request): Promise<Response> => endSession(request, dashboard());

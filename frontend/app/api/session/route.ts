import { dashboard } from '../../../src/server/dashboard.ts';
import { endSession, sessionState, startSession } from '../../../src/server/session-requests.ts';

export const dynamic = 'force-dynamic';

export function GET(request: Request): Response {
  return sessionState(request, dashboard());
}

export function POST(request: Request): Promise<Response> {
  return startSession(request, dashboard());
}

export function DELETE(request: Request): Response {
  return endSession(request);
}

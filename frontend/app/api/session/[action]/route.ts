import { dashboard } from '../../../../src/server/dashboard.ts';
import { problemResponse } from '../../../../src/server/problem.ts';
import { beginAtProvider, finishAtProvider } from '../../../../src/server/provider-requests.ts';
import { changePassword, type Deps, newLink, signUp } from '../../../../src/server/session-requests.ts';

export const dynamic = 'force-dynamic';

type Action = (request: Request, deps: Deps) => Response | Promise<Response>;

const ACTIONS = new Map<string, Action>([
  ['POST sign-up', signUp],
  ['POST password', changePassword],
  ['POST link', newLink],
  ['GET provider', beginAtProvider],
  ['GET callback', finishAtProvider],
]);

async function handle(request: Request, { params }: { params: Promise<{ action: string }> }): Promise<Response> {
  const act = ACTIONS.get(`${request.method} ${(await params).action}`);
  return act?.(request, dashboard()) ?? problemResponse(request, 'NOT_PROXIED', 'The dashboard has no such action.');
}

export { handle as GET, handle as POST };

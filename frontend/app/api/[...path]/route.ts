import { dashboard } from '../../../src/server/dashboard.ts';
import { forward } from '../../../src/server/forward.ts';

export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return forward(request, dashboard().forwardDeps);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };

import { dashboard } from '../../../src/server/dashboard.ts';

export const dynamic = 'force-dynamic';

function handle(request: Request): Promise<Response> {
  return dashboard().forward(request);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };

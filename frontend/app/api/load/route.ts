import { dashboard } from '../../../src/server/dashboard.ts';
import { startLoad, stopLoad } from '../../../src/server/load-requests.ts';

export const dynamic = 'force-dynamic';

export function POST(request: Request): Promise<Response> {
  return startLoad(request, dashboard());
}

export function DELETE(request: Request): Promise<Response> {
  return stopLoad(request, dashboard());
}

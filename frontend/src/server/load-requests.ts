import { itemId } from '@valerix/contracts';
import { z } from 'zod';
import { MAX_ORDERS, MAX_RATE } from '../live/load-view.ts';
import type { Dashboard } from './dashboard.ts';
import { jsonResponse, problemResponse } from './problem.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';

const plan = z.strictObject({
  orders: z.int().min(1).max(MAX_ORDERS),
  per_second: z.number().min(0.1).max(MAX_RATE),
  items: z.array(itemId).min(1).max(200),
});

/** Starts a run of load; 409 while one is under way. */
export async function startLoad(request: Request, { load }: Pick<Dashboard, 'load'>): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const body = plan.safeParse(await request.json().catch(() => null));
  if (!body.success) {
    const detail = `A run has 1 to ${MAX_ORDERS} orders, at most ${MAX_RATE} a second, and at least one item.`;
    return problemResponse(request, 'BAD_REQUEST', detail);
  }
  if (!load.start(body.data)) return problemResponse(request, 'LOAD_RUNNING', 'A run of load is under way.');
  return jsonResponse({ load: load.view }, {}, 202);
}

/** Stops the run of load, whoever started it. */
export function stopLoad(request: Request, { load }: Pick<Dashboard, 'load'>): Response {
  if (!isSameOrigin(request)) return crossSite(request);
  load.stop();
  return jsonResponse({ load: load.view });
}

import { itemId } from '@valerix/contracts';
import { z } from 'zod';
import { MAX_ORDERS, MAX_RATE } from '../live/load-view.ts';
import type { Dashboard } from './dashboard.ts';
import { jsonResponse, type ProblemKey, problemResponse, refuseViewer } from './problem.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';

const FOR_OPERATORS = 'Sign in as operator to run load here.';

const plan = z.strictObject({
  orders: z.int().min(1).max(MAX_ORDERS),
  per_second: z.number().min(0.1).max(MAX_RATE),
  items: z.array(itemId).min(1).max(200),
});

type Deps = Pick<Dashboard, 'load' | 'sightOf'>;

/** Starts a run of load; 409 while one is under way. Where each sees only their own orders, load is for operators. */
export async function startLoad(request: Request, self: Deps): Promise<Response> {
  const { load } = self;
  if (!isSameOrigin(request)) return crossSite(request);
  const { seesOrders, onlyLooks, headers } = await self.sightOf(request);
  if (onlyLooks) return refuseViewer(request);
  const refuse = (key: ProblemKey, detail: string) => problemResponse(request, key, detail, headers);
  if (!seesOrders) return refuse('SIGN_IN_REQUIRED', FOR_OPERATORS);
  const body = plan.safeParse(await request.json().catch(() => null));
  if (!body.success) {
    return refuse(
      'BAD_REQUEST',
      `A run has 1 to ${MAX_ORDERS} orders, at most ${MAX_RATE} a second, and at least one item.`,
    );
  }
  if (!load.start(body.data)) return refuse('LOAD_RUNNING', 'A run of load is under way.');
  return jsonResponse({ load: load.view }, headers, 202);
}

/** Stops the run of load, whoever started it. */
export async function stopLoad(request: Request, self: Deps): Promise<Response> {
  const { load } = self;
  if (!isSameOrigin(request)) return crossSite(request);
  const { seesOrders, onlyLooks, headers } = await self.sightOf(request);
  if (onlyLooks) return refuseViewer(request);
  if (!seesOrders) return problemResponse(request, 'SIGN_IN_REQUIRED', FOR_OPERATORS, headers);
  load.stop();
  return jsonResponse({ load: load.view }, headers);
}

import { z } from 'zod';
import { CLASS_LIMITS, PRESENTED_CHARTS } from '../live/class-view.ts';
import type { Dashboard } from './dashboard.ts';
import { jsonResponse, problemResponse } from './problem.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';
import { isOperator } from './session.ts';

type Deps = Pick<Dashboard, 'classRoom' | 'sessions'>;

const openBody = z.strictObject({ minutes: z.int().min(CLASS_LIMITS.minutes.min).max(CLASS_LIMITS.minutes.max) });
const presentBody = z.strictObject({
  shown: z
    .strictObject({
      chart: z.enum(PRESENTED_CHARTS),
      title: z.string().max(CLASS_LIMITS.title),
      note: z.string().max(CLASS_LIMITS.note),
    })
    .nullable(),
});
const joinBody = z.strictObject({ code: z.string().max(40) });

/** The class; with its code for operators. */
export async function readClass(request: Request, deps: Deps): Promise<Response> {
  const { session, setCookie } = await deps.sessions.current(request);
  const { view, code } = deps.classRoom;
  const headers: Record<string, string> = setCookie === null ? {} : { 'set-cookie': setCookie };
  return jsonResponse({ class: view, ...(isOperator(session) && { code }) }, headers);
}

/** Opens a class for so many minutes; the viewers of an earlier one are out. */
export const openClass = (request: Request, deps: Deps): Promise<Response> =>
  byOperator(request, deps, (body) => deps.classRoom.open(openBody.parse(body).minutes));

export const presentToClass = (request: Request, deps: Deps): Promise<Response> =>
  byOperator(request, deps, (body) => {
    const isOpen = deps.classRoom.present(presentBody.parse(body).shown);
    return isOpen ? undefined : problemResponse(request, 'NO_SUCH_CLASS', 'No class is open.');
  });

export const endClass = (request: Request, deps: Deps): Promise<Response> =>
  byOperator(request, deps, () => deps.classRoom.end());

/** Makes this browser a viewer. Who is signed in stays signed in: a link from elsewhere must not sign anybody out. */
export async function joinClass(request: Request, deps: Deps): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const { session } = await deps.sessions.current(request);
  const body = joinBody.safeParse(await request.json().catch(() => null)).data;
  const code = body?.code.replace(/[\s-]/g, '').toUpperCase() ?? '';
  const { classRoom, sessions } = deps;
  if (!classRoom.admits(code)) {
    return problemResponse(request, 'NO_SUCH_CLASS', 'No open class has this code. Ask for the present one.');
  }
  if (session !== null && session.kind !== 'viewer') return jsonResponse({ joined: false });
  const viewer = { kind: 'viewer', code, expires_at_ms: classRoom.view?.ends_at_ms ?? 0 } as const;
  return jsonResponse({ joined: true }, { 'set-cookie': sessions.cookie(viewer, request) });
}

/** Acts for an operator, and answers with the class as it is then, unless `act` returns a refusal. */
async function byOperator(request: Request, deps: Deps, act: (body: unknown) => unknown): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const { session, state } = await deps.sessions.current(request);
  if (!isOperator(session) || state !== 'ok') {
    return problemResponse(request, 'SIGN_IN_REQUIRED', 'Sign in as operator to hold a class.');
  }
  try {
    const refusal = act(await request.json().catch(() => null));
    if (refusal instanceof Response) return refusal;
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return problemResponse(request, 'BAD_REQUEST', z.prettifyError(error));
  }
  return readClass(request, deps);
}

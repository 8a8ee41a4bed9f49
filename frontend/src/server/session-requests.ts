import { z } from 'zod';
import type { Dashboard } from './dashboard.ts';
import { problemResponse } from './problem.ts';
import { isSameOrigin } from './same-origin.ts';
import { createSession, sessionCookie } from './session.ts';

const signInBody = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ password: z.string().min(1).max(500) }),
]);

type Deps = Pick<Dashboard, 'config' | 'signIn'> & {
  session(cookieHeader: string | null): ReturnType<Dashboard['session']>;
};

/** Who the browser is, and which ways of signing in there are. */
export function sessionState(request: Request, deps: Deps): Response {
  return json(sessionView(request.headers.get('cookie'), deps));
}

/** The same, for a page that is being made. */
export function sessionView(cookieHeader: string | null, deps: Deps) {
  const current = deps.session(cookieHeader);
  return {
    operator: current !== null,
    expires_at: current === null ? null : new Date(current.expires_at_ms).toISOString(),
    password: deps.signIn.passwordWorks,
  };
}

/** Signs in by one-time token or password. */
export async function startSession(request: Request, { config, signIn }: Deps): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const body = signInBody.safeParse(await request.json().catch(() => null));
  if (!body.success) {
    return problemResponse(400, 'SIGN_IN_FAILED', 'Bad request', 'Send a token or a password.', request);
  }
  const now = Date.now();
  const result =
    'token' in body.data ? signIn.withToken(body.data.token, now) : signIn.withPassword(body.data.password, now);
  if (result === 'throttled') {
    const detail = 'Too many failed tries. Wait a minute.';
    return problemResponse(429, 'SIGN_IN_THROTTLED', 'Too many tries', detail, request, { 'retry-after': '60' });
  }
  if (result === 'wrong') {
    const detail = 'token' in body.data ? 'This link was used already or is not the latest.' : 'Wrong password.';
    return problemResponse(401, 'SIGN_IN_FAILED', 'Not signed in', detail, request);
  }
  const cookie = sessionCookie(createSession(config.sessionSecret, now), isSecure(request));
  return json({ operator: true }, { 'set-cookie': cookie });
}

export function endSession(request: Request): Response {
  if (!isSameOrigin(request)) return crossSite(request);
  return json({ operator: false }, { 'set-cookie': sessionCookie(null, isSecure(request)) });
}

function crossSite(request: Request): Response {
  return problemResponse(403, 'CROSS_SITE', 'Forbidden', 'This request came from another site.', request);
}

/** Behind a proxy that ends TLS the scheme is in `X-Forwarded-Proto`. */
function isSecure(request: Request): boolean {
  return request.headers.get('x-forwarded-proto') === 'https' || new URL(request.url).protocol === 'https:';
}

function json(body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { headers: { 'cache-control': 'no-store', ...headers } });
}

import { z } from 'zod';
import type { Dashboard } from './dashboard.ts';
import { jsonResponse, problemResponse } from './problem.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';
import { createSession, sessionCookie } from './session.ts';

const signInBody = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ password: z.string().min(1).max(500) }),
]);

type Deps = Pick<Dashboard, 'config' | 'signIn' | 'session'>;

/** The session of the browser, and whether a password can start one. */
export function sessionState(request: Request, deps: Deps): Response {
  return jsonResponse(sessionView(request.headers.get('cookie'), deps));
}

/** The same, for a page that the server renders. */
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
  if (!body.success) return problemResponse(request, 'BAD_SIGN_IN', 'Send a token or a password.');
  const now = Date.now();
  const byToken = 'token' in body.data;
  const result =
    'token' in body.data ? signIn.withToken(body.data.token, now) : signIn.withPassword(body.data.password, now);
  if (result === 'throttled') {
    const detail = 'Too many failed tries. Wait a minute.';
    return problemResponse(request, 'SIGN_IN_THROTTLED', detail, { 'retry-after': '60' });
  }
  if (result === 'wrong') {
    const detail = byToken ? 'This link was used already or is not the latest.' : 'Wrong password.';
    return problemResponse(request, 'SIGN_IN_FAILED', detail);
  }
  const cookie = sessionCookie(createSession(config.sessionSecret, now), isSecure(request));
  return jsonResponse({ operator: true }, { 'set-cookie': cookie });
}

export function endSession(request: Request): Response {
  if (!isSameOrigin(request)) return crossSite(request);
  return jsonResponse({ operator: false }, { 'set-cookie': sessionCookie(null, isSecure(request)) });
}

/** A proxy that ends TLS puts the scheme in `X-Forwarded-Proto`. */
function isSecure(request: Request): boolean {
  return request.headers.get('x-forwarded-proto') === 'https' || new URL(request.url).protocol === 'https:';
}

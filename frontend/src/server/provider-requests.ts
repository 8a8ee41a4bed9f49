import { localPath } from '../signin/local-path.ts';
import { ATTEMPT_SECONDS, type Attempt } from './open-id-provider.ts';
import { problemResponse } from './problem.ts';
import { seal, unseal } from './sealed.ts';
import { cookieName, cookieValue, equal, MAX_COOKIE_BYTES } from './session.ts';
import { askAnew, type Deps } from './session-requests.ts';
import { isSecure } from './sessions.ts';

const PURPOSE = 'sign-in attempt 1';

/** Sends the browser to the OpenID provider. */
export async function beginAtProvider(request: Request, deps: Deps): Promise<Response> {
  const { provider, config } = deps;
  if (provider === null) return none(request);
  const next = new URL(request.url).searchParams.get('next')?.slice(0, 500) ?? '/';
  try {
    const { attempt, url } = await provider.begin(localPath(next) ?? '/');
    const cookie = attemptCookie(seal(config.sessionSecret, PURPOSE, attempt), ATTEMPT_SECONDS, request, deps);
    return new Response(null, {
      status: 303,
      headers: { location: url, 'set-cookie': cookie, 'cache-control': 'no-store' },
    });
  } catch (error) {
    return failed(request, error);
  }
}

/** Takes the browser back from the provider, and begins its session. */
export async function finishAtProvider(request: Request, deps: Deps): Promise<Response> {
  const { provider, config, sessions } = deps;
  if (provider === null) return none(request);
  const params = new URL(request.url).searchParams;
  const sealed = cookieValue(attemptName(deps), request.headers.get('cookie')) ?? '';
  const attempt = unseal(config.sessionSecret, PURPOSE, sealed) as Attempt | null;
  // Without this, another site could sign a visitor in as somebody else.
  if (attempt === null || !equal(params.get('state') ?? '', attempt.state)) {
    return problemResponse(request, 'SIGN_IN_FAILED', 'This sign-in was not begun in this browser, or took too long.');
  }
  const code = params.get('code');
  if (code === null) return failed(request, new Error(params.get('error') ?? 'no code'));
  try {
    const session = await provider.finish(code, attempt, Date.now());
    const cookie = sessions.cookie(session, request);
    if (cookie.length > MAX_COOKIE_BYTES) throw new Error('its tokens are too long for a cookie; ask for fewer claims');
    askAnew(session, deps);
    // A redirect would still count as coming from the provider's site, and the browser would leave the strict cookie out.
    const headers = new Headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    headers.append('set-cookie', cookie);
    headers.append('set-cookie', attemptCookie('', 0, request, deps));
    headers.set('content-security-policy', "default-src 'none'");
    const page = `<!doctype html><title>Signed in</title><meta http-equiv="refresh" content="0;url=${escaped(attempt.next)}">`;
    return new Response(page, { headers });
  } catch (error) {
    return failed(request, error);
  }
}

const attemptName = ({ config }: Deps): string => `${cookieName(config.publicPort)}_attempt`;

/** Lax, because the way back from the provider comes from another site. */
function attemptCookie(value: string, seconds: number, request: Request, deps: Deps): string {
  const base = `${attemptName(deps)}=${value}; Path=/api/session; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;
  return isSecure(request) ? `${base}; Secure` : base;
}

const none = (request: Request): Response =>
  problemResponse(request, 'NO_ACCOUNTS', 'This installation has no OpenID provider.');

const failed = (request: Request, error: unknown): Response =>
  problemResponse(request, 'SIGN_IN_FAILED', `The sign-in at the OpenID provider failed: ${(error as Error).message}.`);

const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

import { accountBody, changePasswordBody, signInBody } from '@valerix/contracts';
import { z } from 'zod';
import type { Dashboard } from './dashboard.ts';
import { type IdentityAnswer, sessionOf } from './identity-client.ts';
import { jsonResponse, problemResponse, refuseViewer } from './problem.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';
import { isOperator, nameOf, type Session, TOKEN_SESSION_SECONDS } from './session.ts';
import { type Current, looksOn } from './sessions.ts';

const sessionBody = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ operator_token: z.string().min(1).max(1_000) }),
  signInBody,
]);

export type Deps = Pick<Dashboard, 'config' | 'signIn' | 'sessions' | 'identity' | 'provider' | 'hub'>;

/** The session of the browser, renewed if that is due. */
export async function sessionState(request: Request, deps: Deps): Promise<Response> {
  const current = await deps.sessions.current(request);
  return jsonResponse(viewOf(current, deps), current.setCookie === null ? {} : { 'set-cookie': current.setCookie });
}

/** The same for a page that the server renders, which can set no cookie. */
export const sessionView = (cookieHeader: string | null, deps: Deps) => viewOf(deps.sessions.peek(cookieHeader), deps);

function viewOf({ session, state }: Current, { config, identity, provider }: Deps) {
  return {
    operator: isOperator(session),
    // A viewer is nobody in particular.
    name: session === null || session.kind === 'viewer' ? null : nameOf(session),
    account: session?.kind === 'account',
    viewer: session?.kind === 'viewer',
    state,
    /** Where people have their accounts: here, or at an OpenID provider. */
    accounts: identity !== null,
    provider: provider !== null,
    access: config.access,
  };
}

/** Signs in with an account, a one-time link, or the operator token. */
export async function startSession(request: Request, deps: Deps): Promise<Response> {
  const { signIn, identity, config } = deps;
  if (!isSameOrigin(request)) return crossSite(request);
  const body = sessionBody.safeParse(await readJson(request)).data;
  const refuse = problemResponse.bind(null, request);
  if (body === undefined) return refuse('BAD_SIGN_IN', 'Send an email and a password, a token, or the operator token.');
  if ('email' in body) return begin(request, () => identity?.signIn(body, request), deps);
  if ('token' in body ? signIn.withLink(body.token) : signIn.withOperatorToken(body.operator_token)) {
    const means = 'token' in body ? 'link' : 'operator-token';
    if (config.operatorToken !== null) void identity?.noteSignIn(means, config.operatorToken, request);
    return started(request, { kind: 'token', expires_at_ms: Date.now() + TOKEN_SESSION_SECONDS * 1000 }, deps);
  }
  const wrong =
    'token' in body
      ? 'This link was used already or is not the latest. The command make sign-in prints a new one.'
      : 'This is not the operator token.';
  return refuse('SIGN_IN_FAILED', wrong);
}

/**
 * Makes an account for a customer, and signs in with it. identity-service does not tell whether the email had an account. The sign-in
 * tells it, at the price of an account with each email that had none: emails are not verified.
 */
export async function signUp(request: Request, deps: Deps): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const { identity } = deps;
  if (looksOn(deps.sessions.peek(request.headers.get('cookie')))) return refuseViewer(request);
  const body = readAs(accountBody, await readJson(request));
  if (body instanceof z.ZodError) return wrongFields(request, body);
  const made = await ask(request, () => identity?.signUp(body, request), deps);
  if (!made.ok) return made;
  await made.body?.cancel();
  return begin(request, () => identity?.signIn(body, request), deps);
}

/** Changes the password of the account that is signed in; its other sessions end. */
export async function changePassword(request: Request, deps: Deps): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const body = readAs(changePasswordBody, await readJson(request));
  if (body instanceof z.ZodError) return wrongFields(request, body);
  const { session } = await deps.sessions.current(request);
  if (session?.kind !== 'account') return problemResponse(request, 'SIGN_IN_REQUIRED', 'Sign in with your account.');
  const answer = await begin(request, () => deps.identity?.changePassword(body, session.access, request), deps);
  if (answer.ok) deps.sessions.end(session);
  return answer;
}

/** Signs this browser out, and with `everywhere` all others of the account. */
export async function endSession(request: Request, deps: Deps): Promise<Response> {
  if (!isSameOrigin(request)) return crossSite(request);
  const everywhere = new URL(request.url).searchParams.get('everywhere') === 'true';
  const { session } = await deps.sessions.current(request);
  if (session?.kind === 'account') {
    const ended = await deps.identity?.signOut(session.refresh, everywhere, request);
    await ended?.body?.cancel();
    // Alone in this browser a sign-out always works. Elsewhere it does not without identity-service.
    if (everywhere && !ended?.ok)
      return unreachable(request, 'Nobody was signed out: the identity service does not answer.');
    deps.sessions.end(session);
  }
  askAnew(session, deps);
  return jsonResponse({ operator: false }, { 'set-cookie': deps.sessions.cookie(null, request) });
}

/**
 * Where access is closed, a live stream shows what its browser could see when it began. Operators come and go rarely, so all streams end
 * then, and each browser is asked anew who it is.
 */
export function askAnew(session: Session | null, { config, hub }: Deps): void {
  if (config.access === 'closed' && isOperator(session)) hub.endAll();
}

/** Makes a new one-time link, for whoever holds the operator token. */
export function newLink(request: Request, { signIn }: Deps): Response {
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined || !signIn.withOperatorToken(token)) {
    return problemResponse(request, 'SIGN_IN_REQUIRED', 'This needs the operator token.');
  }
  return jsonResponse({ link: signIn.offerLink() }, {}, 201);
}

type Asked = () => Promise<IdentityAnswer> | undefined;

/** Begins the session that identity-service grants, or hands its refusal on as it is. */
async function begin(request: Request, asked: Asked, deps: Deps): Promise<Response> {
  const answer = await ask(request, asked, deps);
  return answer.ok ? started(request, await sessionOf(answer, Date.now()), deps) : answer;
}

async function ask(request: Request, asked: Asked, { identity }: Deps): Promise<Response> {
  if (identity === null)
    return problemResponse(request, 'NO_ACCOUNTS', 'This installation has no accounts of its own.');
  const answer = await asked();
  if (!answer) return unreachable(request, 'The identity service does not answer.');
  return answer.ok ? answer : handedOn(answer);
}

function started(request: Request, session: Session, deps: Deps): Response {
  const view = viewOf({ session, state: 'ok', setCookie: null }, deps);
  askAnew(session, deps);
  return jsonResponse(view, { 'set-cookie': deps.sessions.cookie(session, request) });
}

const unreachable = (request: Request, detail: string): Response =>
  problemResponse(request, 'IDENTITY_UNREACHABLE', `${detail} Operators can sign in without it.`);

function handedOn(answer: Response): Response {
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const name of ['content-type', 'retry-after']) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

const readJson = (request: Request): Promise<unknown> => request.json().catch(() => null);

function readAs<T>(schema: z.ZodType<T>, value: unknown): T | z.ZodError {
  const read = schema.safeParse(value);
  return read.success ? read.data : read.error;
}

/** Says which field is wrong, as the services do. */
function wrongFields(request: Request, { issues }: z.ZodError): Response {
  const errors = issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return problemResponse(request, 'BAD_REQUEST', detail, {}, errors);
}

import { readLine } from '@valerix/contracts';
import { SERVICE_KEYS } from '@valerix/system';
import type { z } from 'zod';
import { REPEATED, REQUEST_HEADERS } from '../../arriving-request.ts';
import { type AllowedRoute, allowedRoute, type Upstream, upstreamName } from './allow-list.ts';
import type { Config } from './config.ts';
import { auditOfEvery, haltEvery } from './every-service.ts';
import { type ProblemKey, problemResponse, refuseViewer } from './problem.ts';
import type { Replicas } from './replicas.ts';
import { crossSite, isSameOrigin } from './same-origin.ts';
import { isOperator, nameOf, type Session } from './session.ts';
import { type Current, looksOn, type Sessions } from './sessions.ts';

/** Longer than the services' own deadlines, so that their answer comes first. */
const TIMEOUT_MS = 15_000;
/** The largest body that is forwarded; the services accept less. */
const MAX_BODY_BYTES = 256 * 1024;
const RESPONSE_HEADERS = [
  'content-type',
  'idempotent-replayed',
  'location',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'x-request-id',
  'content-disposition',
  'order-token',
];

/** For an upstream's pages, which set these headers too: such a page runs nothing, loads nothing, and has no origin. */
const PAGE_HEADERS = {
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export interface ForwardDeps extends Pick<Config, 'laboratoryUrl' | 'operatorToken'> {
  readonly replicas: Pick<Replicas, 'all' | 'one' | 'installed' | 'forRequest'>;
  readonly sessions: Pick<Sessions, 'current' | 'replaced' | 'counts'>;
}

/**
 * Forwards a browser's request to a service, if it is on the allow-list. Only named headers pass, in either direction. The token of
 * the session is added here, and never reaches the browser. A browser that leaves aborts the call.
 */
export async function forward(request: Request, deps: ForwardDeps): Promise<Response> {
  const url = new URL(request.url);
  const route = allowedRoute(request.method, url.pathname);
  const refuse = problemResponse.bind(null, request);
  if (route === null) return refuse('NOT_PROXIED', 'The dashboard does not forward this request.');
  const repeated = request.headers.get(REPEATED);
  if (repeated) return refuse('BAD_REQUEST', `Send each of these headers once: ${repeated}.`);
  if (request.method !== 'GET' && !isSameOrigin(request)) return crossSite(request);
  const current = await deps.sessions.current(request);
  if (looksOn(current) && request.method !== 'GET') return refuseViewer(request);
  const refusal = refusalOf(route, request, current, deps);
  if (refusal !== null) return refuse(...refusal);
  const body = await readBody(request);
  if (body === 'too-large') return refuse('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  const answer = await passOn(request, url, route, body, current, deps);
  // Not after a sign-out in another tab meanwhile: this answer would sign the browser in again.
  if (current.setCookie !== null && !answer.headers.has('set-cookie') && deps.sessions.counts(current.session)) {
    answer.headers.set('set-cookie', current.setCookie);
  }
  return answer;
}

/** Why this browser may not do this, or `null`. */
function refusalOf(
  route: AllowedRoute,
  { method }: Request,
  { session, state }: Current,
  { operatorToken }: ForwardDeps,
): [key: ProblemKey, detail: string] | null {
  if (route.operator && !isOperator(session)) {
    return ['SIGN_IN_REQUIRED', session === null ? 'Sign in as operator to do this.' : 'Only operators can do this.'];
  }
  // Chaos can be halted without identity-service. Other changes wait for it: made without a token, they would be a guest's.
  if (state === 'stale' && method !== 'GET' && route.upstream !== 'every') {
    const how = route.operator ? ' Sign in with a one-time link or the operator token instead.' : ' Try again later.';
    return ['SIGN_IN_NOT_RENEWED', `The identity service did not renew your sign-in.${how}`];
  }
  if (operatorToken === null && (route.upstream === 'every' || session?.kind === 'token')) {
    return ['NO_OPERATOR_TOKEN', 'The dashboard has no operator token, so it cannot act for operators.'];
  }
  return null;
}

async function passOn(
  request: Request,
  url: URL,
  route: AllowedRoute,
  body: ArrayBuffer | null,
  { session, state }: Current,
  deps: ForwardDeps,
): Promise<Response> {
  const refuse = problemResponse.bind(null, request);
  if (route.upstream === 'every') {
    const every = { replicas: deps.replicas, token: deps.operatorToken ?? '' };
    const by = session === null ? '' : nameOf(session);
    return route.method === 'POST' ? haltEvery(request, body, by, every) : auditOfEvery(request, every);
  }
  const bases = basesOf(route.upstream, deps);
  if (bases.length === 0 && route.upstream === 'laboratory') {
    const detail = 'This installation has no laboratory; "make up" or the component "laboratory" starts one.';
    return refuse('NO_LABORATORY', detail);
  }
  if (bases.length === 0) return refuse('NOT_INSTALLED', `This installation has no ${upstreamName(route.upstream)}.`);
  const targets = bases.map((base) => `${base}${url.pathname}${url.search}`);
  const send = (bearer: string | null) => {
    const headers = pick(request.headers, [...REQUEST_HEADERS, 'x-forwarded-for']);
    headers.set('accept', route.stream ? 'text/event-stream' : route.page ? 'text/html' : 'application/json');
    if (bearer !== null) headers.set('authorization', `Bearer ${bearer}`);
    const service = upstreamName(route.upstream as Upstream);
    return call(targets, { method: request.method, headers, body }, request, service, route.answer !== null);
  };
  let answer = await send(state === 'stale' ? null : bearerOf(session, route, deps));
  if (answer.status === 401 && session?.kind === 'token') {
    await answer.body?.cancel();
    const detail = "The service refused the dashboard's OPERATOR_TOKEN. Both need the same one.";
    return refuse('OPERATOR_TOKEN_REFUSED', detail);
  }
  if (answer.status === 401 && session?.kind === 'account' && state === 'ok') {
    // A refused token has done nothing. The signing key may have changed, or a clock: a new token tells.
    const replaced = await deps.sessions.replaced(session, request);
    if (replaced?.session) {
      await answer.body?.cancel();
      answer = await send(bearerOf(replaced.session, route, deps));
      if (replaced.setCookie !== null && deps.sessions.counts(replaced.session))
        answer.headers.set('set-cookie', replaced.setCookie);
    }
  }
  if (route.page) for (const [name, value] of Object.entries(PAGE_HEADERS)) answer.headers.set(name, value);
  return route.answer === null || !answer.ok ? answer : checked(request, route, answer);
}

/** Pages rely on the form of an answer: checked here, it costs no browser the checker. The service may be older or newer. */
async function checked(
  request: Request,
  { answer: form, upstream }: AllowedRoute,
  answer: Response,
): Promise<Response> {
  const body = readLine(form as z.ZodType, await answer.text());
  if (body !== undefined) return new Response(JSON.stringify(body), answer);
  const detail = `The answer of ${upstreamName(upstream as Upstream)} does not have the documented form.${doubtOf(request)}`;
  const problem = problemResponse(request, 'UNREADABLE', detail);
  const cookie = answer.headers.get('set-cookie');
  if (cookie !== null) problem.headers.set('set-cookie', cookie);
  return problem;
}

const doubtOf = ({ method }: Request): string => (method === 'GET' ? '' : ' Whether it did anything is unknown.');

/** The token that acts for this browser; `null` for a guest. The laboratory knows no accounts: it gets the operator token. */
function bearerOf(session: Session | null, route: AllowedRoute, { operatorToken }: ForwardDeps): string | null {
  if (route.upstream === 'laboratory') return route.operator ? operatorToken : null;
  if (session?.kind === 'token') return operatorToken;
  return session?.kind === 'account' ? session.access : null;
}

function basesOf(upstream: Upstream, { replicas, laboratoryUrl }: ForwardDeps): string[] {
  if (upstream === 'laboratory') return laboratoryUrl === null ? [] : [laboratoryUrl];
  return replicas.forRequest(upstream === 'any' ? SERVICE_KEYS : [upstream]);
}

/**
 * Calls the first target that does not refuse the connection: one that refuses has done nothing.
 * @param whole whether the time limit is for the whole answer, and not only for its head: the body of a stream may take any time
 */
async function call(
  targets: readonly string[],
  init: { method: string; headers: Headers; body: ArrayBuffer | null },
  request: Request,
  service: string,
  whole: boolean,
): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  try {
    const signal = AbortSignal.any([request.signal, timeout.signal]);
    const answer = await firstAnswer(targets, { ...init, signal, cache: 'no-store', redirect: 'manual' });
    const headers = pick(answer.headers, RESPONSE_HEADERS);
    // no-transform turns off Next's compression, which would buffer streams.
    headers.set('cache-control', 'no-store, no-transform');
    headers.set('x-accel-buffering', 'no');
    return new Response(whole ? await answer.text() : answer.body, { status: answer.status, headers });
  } catch (error) {
    const doubt = isRefused(error) ? '' : doubtOf(request);
    if (!timeout.signal.aborted) {
      return problemResponse(request, 'UPSTREAM_UNREACHABLE', `The dashboard could not reach ${service}.${doubt}`);
    }
    const detail = `${service} did not answer within ${TIMEOUT_MS / 1000} s.${doubt}`;
    return problemResponse(request, 'UPSTREAM_TIMEOUT', detail);
  } finally {
    clearTimeout(timer);
  }
}

async function firstAnswer([target, ...others]: readonly string[], init: RequestInit): Promise<Response> {
  try {
    return await fetch(target as string, init);
  } catch (error) {
    if (others.length === 0 || !isRefused(error)) throw error;
    return firstAnswer(others, init);
  }
}

const isRefused = (error: unknown): boolean =>
  ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED';

async function readBody(request: Request): Promise<ArrayBuffer | null | 'too-large'> {
  if (request.method === 'GET' || request.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return 'too-large';
    chunks.push(chunk);
  }
  return size === 0 ? null : new Uint8Array(Buffer.concat(chunks)).buffer;
}

const pick = (from: Headers, names: readonly string[]): Headers =>
  new Headers([...from].filter(([name]) => names.includes(name)));

import { type AllowedRoute, allowedRoute, type Upstream, upstreamName } from './allow-list.ts';
import { problemResponse } from './problem.ts';
import { isSameOrigin } from './same-origin.ts';

/** Longer than the services' own deadlines, so that their answer is seen rather than ours. */
const TIMEOUT_MS = 15_000;
/** The largest body passed on; the services accept less. */
const MAX_BODY_BYTES = 256 * 1024;
const REQUEST_HEADERS = ['idempotency-key', 'x-request-id', 'traceparent', 'content-type', 'last-event-id'];
const RESPONSE_HEADERS = [
  'content-type',
  'idempotent-replayed',
  'location',
  'retry-after',
  'x-request-id',
  'content-disposition',
];

/** For pages of others, said here as well as there: they run nothing, load nothing, and are of no origin. */
const PAGE_HEADERS = {
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export interface ForwardDeps {
  /** Null when this installation does not have it. */
  readonly urlOf: (upstream: Upstream) => string | null;
  readonly operatorToken: string | null;
  readonly isOperator: (request: Request) => boolean;
}

/**
 * Passes one request of the browser to a service, if the allow-list knows it. Only named headers pass in either
 * direction; the operator's token is added here and never reaches the browser. When the browser goes away, the call
 * to the service is aborted.
 */
export async function forward(request: Request, deps: ForwardDeps): Promise<Response> {
  const url = new URL(request.url);
  const route = allowedRoute(request.method, url.pathname);
  if (route === null) {
    return problemResponse(404, 'NOT_PROXIED', 'Not found', 'The dashboard does not pass on this request.', request);
  }
  if (request.method !== 'GET' && !isSameOrigin(request)) {
    return problemResponse(403, 'CROSS_SITE', 'Forbidden', 'This request came from another site.', request);
  }
  if (route.operator && !deps.isOperator(request)) {
    return problemResponse(401, 'SIGN_IN_REQUIRED', 'Sign-in required', 'Sign in as operator to do this.', request);
  }
  if (route.operator && deps.operatorToken === null) {
    const detail = 'The dashboard was started without an operator token, so it cannot act for operators.';
    return problemResponse(503, 'NO_OPERATOR_TOKEN', 'No operator token', detail, request);
  }
  const base = deps.urlOf(route.upstream);
  if (base === null) {
    const detail = 'This installation has no laboratory: it runs beside "make up".';
    return problemResponse(404, 'NO_LABORATORY', 'No laboratory', detail, request);
  }
  const body = await readBody(request);
  if (body === 'too-large') {
    const detail = `The body is larger than ${MAX_BODY_BYTES} bytes.`;
    return problemResponse(413, 'BODY_TOO_LARGE', 'Content too large', detail, request);
  }
  const headers = pick(request.headers, REQUEST_HEADERS);
  headers.set('accept', acceptOf(route));
  if (route.operator) headers.set('authorization', `Bearer ${deps.operatorToken}`);
  const target = `${base}${url.pathname}${url.search}`;
  const answer = await call(target, { method: request.method, headers, body }, request, upstreamName(route.upstream));
  if (route.operator && answer.status === 401) {
    await answer.body?.cancel();
    const detail = "The service refused the dashboard's OPERATOR_TOKEN. Both must be started with the same one.";
    return problemResponse(502, 'OPERATOR_TOKEN_REFUSED', 'Operator token refused', detail, request);
  }
  if (route.page) for (const [name, value] of Object.entries(PAGE_HEADERS)) answer.headers.set(name, value);
  return answer;
}

function acceptOf({ stream, page }: AllowedRoute): string {
  if (stream) return 'text/event-stream';
  return page ? 'text/html' : 'application/json';
}

async function call(
  target: string,
  init: { method: string; headers: Headers; body: ArrayBuffer | null },
  request: Request,
  service: string,
): Promise<Response> {
  const timeout = new AbortController();
  // Covers the wait for the response's head; a stream's body may take as long as it likes.
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  try {
    const signal = AbortSignal.any([request.signal, timeout.signal]);
    const answer = await fetch(target, { ...init, signal, cache: 'no-store', redirect: 'manual' });
    const headers = pick(answer.headers, RESPONSE_HEADERS);
    // no-transform keeps the server's compression, and so its buffering, away from streams.
    headers.set('cache-control', 'no-store, no-transform');
    headers.set('x-accel-buffering', 'no');
    return new Response(answer.body, { status: answer.status, headers });
  } catch {
    const reads = request.method === 'GET';
    if (timeout.signal.aborted) {
      const doubt = reads ? '' : ' What it did is not known.';
      const detail = `${service} did not answer within ${TIMEOUT_MS / 1000} s.${doubt}`;
      return problemResponse(504, 'UPSTREAM_TIMEOUT', 'No answer in time', detail, request);
    }
    const doubt = reads ? '' : ' What it did, if anything, is not known.';
    const detail = `The dashboard could not reach ${service}.${doubt}`;
    return problemResponse(502, 'UPSTREAM_UNREACHABLE', 'Service unreachable', detail, request);
  } finally {
    clearTimeout(timer);
  }
}

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

function pick(from: Headers, names: readonly string[]): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

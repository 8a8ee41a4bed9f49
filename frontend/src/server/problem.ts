import { randomUUID } from 'node:crypto';
import type { Problem } from '@valerix/contracts';

/** The codes of the dashboard's own errors. */
type DashboardErrorCode =
  | 'NOT_PROXIED'
  | 'SIGN_IN_REQUIRED'
  | 'SIGN_IN_FAILED'
  | 'SIGN_IN_THROTTLED'
  | 'CROSS_SITE'
  | 'BODY_TOO_LARGE'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_TIMEOUT'
  | 'NO_OPERATOR_TOKEN'
  | 'OPERATOR_TOKEN_REFUSED'
  | 'NO_LABORATORY'
  | 'TOO_MANY_WATCHERS';

/** An RFC 9457 answer from the dashboard itself, in the form the services use. */
export function problemResponse(
  status: number,
  code: DashboardErrorCode,
  title: string,
  detail: string,
  request: Request,
  headers: Record<string, string> = {},
): Response {
  const body: Problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    instance: new URL(request.url).pathname,
    code,
    request_id: request.headers.get('x-request-id') ?? randomUUID(),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

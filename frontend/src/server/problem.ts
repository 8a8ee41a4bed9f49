import { randomUUID } from 'node:crypto';
import type { Problem } from '@valerix/contracts';

/** The dashboard's own errors: status and title of each code. */
const PROBLEMS = {
  NOT_PROXIED: [404, 'Not found'],
  NO_LABORATORY: [404, 'No laboratory'],
  NOT_INSTALLED: [404, 'Not installed'],
  BAD_REQUEST: [400, 'Bad request'],
  BAD_SIGN_IN: [400, 'Bad request'],
  SIGN_IN_REQUIRED: [401, 'Sign-in required'],
  SIGN_IN_FAILED: [401, 'Not signed in'],
  SIGN_IN_NOT_RENEWED: [503, 'Sign-in not renewed'],
  IDENTITY_UNREACHABLE: [503, 'Identity service unreachable'],
  NO_ACCOUNTS: [404, 'No accounts'],
  CROSS_SITE: [403, 'Forbidden'],
  ONLY_LOOKS: [403, 'Viewers look on'],
  NO_SUCH_CLASS: [404, 'No such class'],
  BODY_TOO_LARGE: [413, 'Content too large'],
  UPSTREAM_UNREACHABLE: [502, 'Service unreachable'],
  UPSTREAM_TIMEOUT: [504, 'No answer in time'],
  UNREADABLE: [502, 'Unreadable answer'],
  NO_OPERATOR_TOKEN: [503, 'No operator token'],
  OPERATOR_TOKEN_REFUSED: [502, 'Operator token refused'],
  LOAD_RUNNING: [409, 'Load is running'],
  TOO_MANY_WATCHERS: [503, 'Too many watchers'],
} as const;
export type ProblemKey = keyof typeof PROBLEMS;

/** Said to a viewer of a class who tries to change something. */
export const refuseViewer = (request: Request): Response =>
  problemResponse(
    request,
    'ONLY_LOOKS',
    'You look on as a viewer of a class: nothing can be changed. Leave the class first.',
  );

/** An answer that no cache keeps. */
export const jsonResponse = (body: unknown, headers: Record<string, string> = {}, status = 200): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });

/** An error of the dashboard itself, in the services' form (RFC 9457). */
export function problemResponse(
  request: Request,
  key: ProblemKey,
  detail: string,
  headers: Record<string, string> = {},
  errors?: Problem['errors'],
): Response {
  const [status, title] = PROBLEMS[key];
  const body: Problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    instance: new URL(request.url).pathname,
    code: key === 'BAD_SIGN_IN' ? 'SIGN_IN_FAILED' : key,
    request_id: request.headers.get('x-request-id') ?? randomUUID(),
    ...(errors === undefined ? {} : { errors }),
  };
  return Response.json(body, {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

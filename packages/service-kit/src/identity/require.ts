import type { Request, RequestHandler } from 'express';
import { commonProblem, type ProblemError } from '../problem.ts';
import { loggedUrl } from '../request-log.ts';
import type { Principal } from './principal.ts';

/** `open`: a classroom, where everybody may look at everything and cancel any order. `closed`: owners and operators only. */
export type Access = 'open' | 'closed';

/** Refuses a principal, and logs it: 401 for a guest, who may come back with a token; 403 for all others. */
export function refusal(req: Request, needed: string): ProblemError {
  const { method, ip, principal } = req;
  const path = loggedUrl(req.originalUrl);
  req.log.warn({ method, path, ip, principal: { kind: principal.kind, id: principal.id } }, 'access refused');
  return principal.kind === 'guest'
    ? commonProblem('UNAUTHORIZED', `This needs ${needed}.`, { headers: { 'WWW-Authenticate': 'Bearer' } })
    : commonProblem('FORBIDDEN', `This needs ${needed}.`);
}

function requireKind(needed: string, ...kinds: Principal['kind'][]): RequestHandler {
  return (req, _res, next) => next(kinds.includes(req.principal.kind) ? undefined : refusal(req, needed));
}

/** Lets operators pass: users with that role, and the operator token. */
export const requireOperator = requireKind('an operator', 'operator');

/** Lets only the services pass that call this one; operators are refused too. */
export const requireService = requireKind("a service's credential", 'service');

const requireInsider = requireKind('an operator or a service', 'operator', 'service');

/** Lets everybody look where access is open; otherwise operators and services. */
export const requireInsiderUnlessOpen = (access: Access): RequestHandler =>
  access === 'open' ? (_req, _res, next) => next() : requireInsider;

import type { Request, RequestHandler } from 'express';
import { commonProblem, type ProblemError } from '../problem.ts';
import { loggedUrl } from '../request-log.ts';
import type { Principal } from './principal.ts';

/** `open`: a classroom, where everybody may look at everything and cancel any order. `closed`: to each their own. */
export type Access = 'open' | 'closed';

/** The refusal of a request by its principal, which is logged. A guest may come back with a token; all others are told no. */
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

/** Lets operators pass: people with that role, and the machine credential OPERATOR_TOKEN. */
export const requireOperator = requireKind('an operator', 'operator');

/** Lets the services pass that call this one. Not even an operator may do what only they do. */
export const requireService = requireKind("a service's credential", 'service');

const requireInsider = requireKind('an operator or a service', 'operator', 'service');

/** Lets everybody look where access is open; otherwise operators and services. */
export const requireInsiderUnlessOpen = (access: Access): RequestHandler =>
  access === 'open' ? (_req, _res, next) => next() : requireInsider;

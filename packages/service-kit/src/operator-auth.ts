import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { COMMON_ERRORS, problemFactory } from './problem.ts';

const problem = problemFactory(COMMON_ERRORS);
const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Tells whether a request carries `Authorization: Bearer <token>`. The comparison takes the same time for every wrong token.
 * Without a configured token, none does.
 */
export function carriesToken(token: string | undefined): (req: Request) => boolean {
  const expected = token === undefined ? undefined : digest(token);
  return (req) => {
    const given = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
    return expected !== undefined && given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/** Lets a request pass only when it carries the operator's token. */
export function requireOperator(token: string | undefined): RequestHandler {
  const isOperator = carriesToken(token);
  return (req, _res, next) => {
    if (isOperator(req)) return next();
    req.log.warn({ method: req.method, path: req.originalUrl, ip: req.ip }, 'operator access refused');
    throw problem('UNAUTHORIZED', 'This needs the operator token.', { headers: { 'WWW-Authenticate': 'Bearer' } });
  };
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { COMMON_ERRORS, problemFactory } from './problem.ts';

const problem = problemFactory(COMMON_ERRORS);
const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Lets a request pass when it carries `Authorization: Bearer <token>`. The comparison takes the same time for every wrong
 * token. Without a configured token every request is refused.
 */
export function requireOperator(token: string | undefined): RequestHandler {
  const expected = token === undefined ? undefined : digest(token);
  return (req, _res, next) => {
    const given = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (expected && given && timingSafeEqual(digest(given), expected)) return next();
    req.log.warn({ method: req.method, path: req.originalUrl, ip: req.ip }, 'operator access refused');
    throw problem('UNAUTHORIZED', 'This needs the operator token.', { headers: { 'WWW-Authenticate': 'Bearer' } });
  };
}

import express, { type RequestHandler } from 'express';
import { COMMON_ERRORS, problemFactory } from './problem.ts';

const problem = problemFactory(COMMON_ERRORS);

/** Accepts newline-delimited JSON as text; the handler parses it line by line. */
export function ndjsonBody(limitBytes: number): RequestHandler {
  return express.text({ type: 'application/x-ndjson', limit: limitBytes });
}

/** Leaves a body of any type as text: a signature covers its bytes. */
export const textBody = (limit: string): RequestHandler => express.text({ type: () => true, limit });

/** Parses a JSON body up to `limit` (such as `64kb`); a body of another type is refused with 415. */
export function jsonBody(limit: string): RequestHandler[] {
  const onlyJson: RequestHandler = (req, _res, next) => {
    const hasBody = Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined;
    if (hasBody && req.body === undefined && !req.is('application/json')) {
      throw problem(
        'UNSUPPORTED_MEDIA_TYPE',
        `A body of type "${req.headers['content-type'] ?? 'none'}" is not taken here; send application/json.`,
      );
    }
    next();
  };
  // Not strict: `null` is JSON, and the schema's message says why it is refused.
  return [onlyJson, express.json({ limit, type: 'application/json', strict: false })];
}

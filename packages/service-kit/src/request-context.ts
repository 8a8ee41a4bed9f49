import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';

declare module 'express-serve-static-core' {
  interface Request {
    /** The id in every log line, problem and event of this request. */
    requestId: string;
    /** W3C trace context to pass on, with a new span id. */
    traceparent: string;
  }
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Takes `X-Request-Id` and `traceparent` from the caller when they are well formed, else makes them; answers with the id. */
export const requestContext: RequestHandler = (req, res, next) => {
  res.setHeader('X-Request-Id', nameRequest(req));
  req.traceparent = childOf(req.headers.traceparent);
  next();
};

/** Puts the request's id on it. @returns the id */
export function nameRequest(req: IncomingMessage & { requestId?: string }): string {
  const given = req.headers['x-request-id'];
  req.requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  return req.requestId;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00: same trace, a new span. */
function childOf(header: string | string[] | undefined): string {
  const parent = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  const [traceId, flags] = parent ? [parent[1], parent[2]] : [randomHex(), '00'];
  return `00-${traceId}-${randomHex().slice(16)}-${flags}`;
}

/** 32 hexadecimal digits with 122 random bits. From a UUID, because Node.js draws randomness for many UUIDs at once. */
function randomHex(): string {
  return randomUUID().replaceAll('-', '');
}

export function requestIdOf(req: Partial<Pick<Request, 'requestId'>>): string {
  return req.requestId ?? 'unknown';
}

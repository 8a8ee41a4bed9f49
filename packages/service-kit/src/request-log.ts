import { type Request, type RequestHandler, request as requestPrototype } from 'express';
import type { Logger } from './logger.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** A logger whose lines carry the request id; created on first use, since most requests need none. */
    readonly log: Logger;
    /** What `log` is made of. */
    parentLog: Logger;
  }
}

Object.defineProperty(requestPrototype, 'log', {
  configurable: true,
  get(this: Request): Logger {
    return this.parentLog.child({ request_id: this.requestId });
  },
});

/** A URL without the idempotency key that it looks up: whoever knows a guest's key is the guest. */
export const loggedUrl = (url: string): string => url.replace(/([?&]idempotency_key=)[^&]*/g, '$1…');

/**
 * One structured line per request, when it is over. Headers, addresses and keys stay out of the log.
 * It replaces pino-http, which makes two child loggers per request: 10.2 us of CPU instead of 3.4.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    // Routers rewrite `url`.
    const { method } = req;
    const url = loggedUrl(req.url);
    req.parentLog = logger;
    res.once('close', () => {
      // 499, as in the metrics: the caller left or was cut off before a status was sent.
      const status = res.headersSent ? res.statusCode : 499;
      const line = {
        request_id: req.requestId,
        duration_ms: Math.round(performance.now() - start),
        method,
        path: url,
        status,
      };
      logger[status >= 500 ? 'warn' : 'info'](line, `${method} ${url} ${status}`);
    });
    next();
  };
}

import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import { describeError, type Logger } from './logger.ts';

/** One structured line per request, when it is over; `req.log` carries the request id. */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    genReqId: (req) => (req as unknown as { requestId: string }).requestId,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'duration_ms' },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'warn' : 'info'),
    customSuccessMessage: (req, res) => `${req.method} ${req.url} ${res.statusCode}`,
    customErrorMessage: (req, res) => `${req.method} ${req.url} ${res.statusCode}`,
    customSuccessObject: (req, res, value) => ({ ...value, ...line(req, res) }),
    customErrorObject: (req, res, _error, value) => ({ ...value, ...line(req, res) }),
    // The line names what matters itself; headers and addresses stay out of the log.
    serializers: {
      req: () => undefined,
      res: () => undefined,
      err: describeError,
    },
  }) as unknown as RequestHandler;
}

function line(req: { method?: string; url?: string }, res: { statusCode: number }) {
  return { method: req.method, path: req.url, status: res.statusCode };
}

import { HEADER } from '@valerix/contracts';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { bareKey } from '../bare-key.ts';
import { storedKey } from '../identity/principal.ts';
import type { FaultContext } from './fault-context.ts';
import { InjectedReset } from './injected.ts';
import type { Injector } from './injector.ts';

/** The control of chaos: no fault may hit it. */
const CONTROL = '/api/admin';

/**
 * Applies the faults at `inbound` to a request, after its body is read and before its handler. Exempt are the control of chaos
 * and the paths of `hitByPiece`, whose work passes `inbound` piece by piece. Probes and metrics are answered earlier.
 */
export function inboundFaults(injector: Injector<'inbound'>, hitByPiece: readonly string[] = []): RequestHandler {
  const point = injector.point('inbound');
  const exempt = [CONTROL, ...hitByPiece];
  return (req, _res, next) => {
    if (point.armed === null) return next();
    if (exempt.some((path) => req.path === path || req.path.startsWith(`${path}/`))) return next();
    injector.hit(point, contextOf(req)).then(() => next(), next);
  };
}

/** While the process stands still it answers nothing, probes included, but the control of chaos. */
export function holdWhileStill(injector: Pick<Injector, 'standstill'>): RequestHandler {
  return (req, _res, next) => {
    const { standstill } = injector;
    if (!standstill || req.path.startsWith(`${CONTROL}/`)) return next();
    standstill.then(() => next());
  };
}

/** Stands before the error handler: a cut connection gets no answer. */
export const cutConnections: ErrorRequestHandler = (error, req, _res, next) => {
  if (!(error instanceof InjectedReset)) return next(error);
  req.socket.resetAndDestroy();
};

function contextOf(req: Request): FaultContext {
  const attempt = Number(req.headers[HEADER.attempt]);
  const [key] = [req.headers[HEADER.idempotencyKey]].flat();
  return {
    order_id: orderIdOf(req),
    item_ids: itemIdsOf(req),
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : 1,
    idempotency_key: key === undefined ? req.requestId : storedKey(req.principal, bareKey(key)),
    reads: req.method === 'GET' || req.method === 'HEAD',
    method: req.method,
    paths: [req.path],
    headers: req.headers,
  };
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** In lower case, as in `match` and at every other point. */
function orderIdOf(req: Request): string | undefined {
  const inBody = (req.body as { order_id?: unknown } | undefined)?.order_id;
  return (typeof inBody === 'string' ? inBody : UUID.exec(req.path)?.[0])?.toLowerCase();
}

function itemIdsOf(req: Request): string[] {
  const body = req.body as { item_id?: unknown; items?: unknown } | undefined;
  const lines = Array.isArray(body?.items) ? body.items : [body];
  const fromBody = lines.map((line) => (line as { item_id?: unknown } | undefined)?.item_id);
  const fromPath = /^\/api\/inventory\/([^/]+)/.exec(req.path)?.[1];
  return [...fromBody, fromPath].filter((id) => typeof id === 'string');
}

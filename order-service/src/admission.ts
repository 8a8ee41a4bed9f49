import { gate, gates } from '@valerix/service-kit/gate';
import type { RequestHandler } from 'express';
import { problem } from './errors.ts';

/** Cancellations under way at once: each takes a connection of the orders, and waits for the inventory service. */
const CANCELLATIONS = 128;

/** The routes that read orders, and share the readers' places. */
export const READ_ROUTES = ['GET /api/orders', 'GET /api/orders/:id', 'GET /api/orders/:id/events'];

export interface AdmissionOptions {
  /** Orders in progress at once. */
  maxOrders: number;
  reads: RequestHandler;
}

/** Sheds load with 429 before a request costs anything, each kind by its own limit (I13): orders, cancellations, readers. */
export function admission({ maxOrders, reads }: AdmissionOptions): RequestHandler {
  const cancellations = gate({ atOnce: CANCELLATIONS, detail: 'Too many orders are being cancelled here already.' });
  return gates({
    'POST /api/orders': admitOrders(maxOrders),
    'POST /api/orders/:id/cancel': cancellations,
    // Its listeners have a limit of their own.
    'GET /api/orders/stream': (_req, _res, next) => next(),
    ...Object.fromEntries(READ_ROUTES.map((route) => [route, reads])),
  });
}

function admitOrders(max: number): RequestHandler {
  let inProgress = 0;
  return (_req, res, next) => {
    if (inProgress >= max) {
      throw problem('OVERLOADED', `${max} orders are in progress here already.`, { headers: { 'Retry-After': '1' } });
    }
    inProgress++;
    res.once('close', () => {
      inProgress--;
    });
    next();
  };
}

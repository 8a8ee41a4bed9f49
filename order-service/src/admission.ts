import type { IncomingMessage } from 'node:http';
import { type GateOptions, gate, gates } from '@valerix/service-kit/gate';
import { sendProblem } from '@valerix/service-kit/problem';
import type { RequestHandler } from 'express';
import { problem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { createOrderLimit, type LimitOptions } from './order-limit.ts';
import type { OrderStore } from './order-store.ts';

/** Cancellations under way at once: each takes a connection of the orders, and waits for the inventory service. */
const CANCELLATIONS = 128;

/** The routes that read orders, and share the readers' places. */
export const READ_ROUTES = ['GET /api/orders', 'GET /api/orders/:id', 'GET /api/orders/:id/events'];

/** Made once: an error would note each time where it was made. */
const TOO_MANY = problem('OVERLOADED', 'As many orders are in progress here as can be answered in time.', {
  headers: { 'Retry-After': '1' },
});

const ORDERS = '/api/orders';
const REFUSED_EARLY = { problem: TOO_MANY, method: 'POST', route: ORDERS };

export interface AdmissionOptions extends LimitOptions {
  metrics: Pick<Metrics, 'watchAdmission'>;
  /** Makes the gate before what reads. */
  readGate: (orders: Required<Pick<GateOptions, 'closed' | 'busy'>>) => RequestHandler;
}

/**
 * Sheds load with 429 before a request costs anything, each kind by its own limit (I13). Orders in progress come first, then new
 * ones, as many as can be taken without a long wait; readers come last.
 */
export function createAdmission({ metrics, readGate, ...limits }: AdmissionOptions) {
  const limit = createOrderLimit(limits);
  let inProgress = 0;
  metrics.watchAdmission(
    () => inProgress,
    () => limit.current,
  );

  const isFull = () => inProgress >= limit.current;
  const orders: RequestHandler = (_req, res, next) => {
    if (isFull()) return sendProblem(res, TOO_MANY);
    inProgress++;
    res.once('close', () => {
      inProgress--;
    });
    next();
  };

  const reads = readGate({ closed: () => limit.queueing, busy: () => inProgress > 0 });
  return {
    /** Refuses a new order while too many are in progress. Other spellings of its path are refused by `handler`. */
    refuseEarly: ({ method, url }: IncomingMessage) =>
      method === 'POST' && url === ORDERS && isFull() ? REFUSED_EARLY : undefined,

    handler: gates({
      'POST /api/orders': orders,
      'POST /api/orders/:id/cancel': gate({ atOnce: CANCELLATIONS, detail: 'Too many orders are being cancelled.' }),
      // Its listeners have a limit of their own.
      'GET /api/orders/stream': (_req, _res, next) => next(),
      ...Object.fromEntries(READ_ROUTES.map((route) => [route, reads])),
    }),

    /** The store, with its T0 timed: it is where orders queue when there are too many. */
    timed<S extends Pick<OrderStore, 'create'>>(store: S): S {
      return {
        ...store,
        async create(order) {
          const started = performance.now();
          const created = await store.create(order);
          const now = performance.now();
          limit.observe(now - started, inProgress, now);
          return created;
        },
      };
    },
  };
}

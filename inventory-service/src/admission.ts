import { gates } from '@valerix/service-kit/gate';
import type { RequestHandler } from 'express';

/** The routes that read stock and ledger, and share the readers' places. */
export const READ_ROUTES = [
  'GET /api/inventory',
  'GET /api/inventory/ledger',
  'GET /api/decisions/:order_id',
  'GET /api/inventory/:item_id',
];

/** Sheds readers with 429 before they cost anything (I13). Commands have their own limit, in the batcher. */
export const admitReaders = (reads: RequestHandler): RequestHandler =>
  gates(Object.fromEntries(READ_ROUTES.map((route) => [route, reads])));

import {
  HEADER,
  isSettled,
  listOrdersQuery,
  multiItemOrder,
  orderId,
  orderLine,
  redriveBody,
} from '@valerix/contracts';
import { notTraffic } from '@valerix/service-kit/metrics';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { messageOf, toWire } from './answers.ts';
import type { createCancelOrder } from './cancel-order.ts';
import { parseIdempotencyKey } from './idempotency.ts';
import type { Auditor } from './integrity/audit-integrity.ts';
import type { createManageQueue } from './manage-queue.ts';
import type { OrderLine } from './order.ts';
import type { createPlaceOrder, Placed } from './place-order.ts';
import type { createReadOrders } from './read-orders.ts';

export interface RouteDeps {
  placeOrder: ReturnType<typeof createPlaceOrder>;
  cancelOrder: ReturnType<typeof createCancelOrder>;
  readOrders: ReturnType<typeof createReadOrders>;
  manageQueue: ReturnType<typeof createManageQueue>;
  auditor: Pick<Auditor, 'state'>;
  eventFeed: RequestHandler;
  operator: RequestHandler;
}

const idParams = z.object({ id: orderId });
const redriveParams = z.object({ order_id: orderId });

/** Parse, one use case, status. */
export function createRoutes(deps: RouteDeps): Router {
  const { placeOrder, cancelOrder, readOrders, manageQueue } = deps;
  const router = Router();
  const idOf = (req: Request) => parse(idParams, req.params, 'The path').id;

  router
    .route('/api/orders')
    .post(async (req, res) => {
      const key = parseIdempotencyKey(req.headersDistinct[HEADER.idempotencyKey]);
      sendAnswer(
        res,
        await placeOrder({ key, items: parseOrder(req.body), requestId: req.requestId, traceparent: req.traceparent }),
      );
    })
    .get(async (req, res) => {
      const { orders, nextCursor } = await readOrders.page(parse(listOrdersQuery, req.query, 'The query'));
      res.json({ items: orders.map(toWire), next_cursor: nextCursor });
    })
    .all(methodNotAllowed('GET', 'POST'));

  router.route('/api/orders/stream').get(notTraffic, deps.eventFeed).all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id')
    .get(async (req, res) => {
      const order = await readOrders.find(idOf(req));
      res.json({ order: toWire(order), message: messageOf(order) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id/events')
    .get(async (req, res) => void res.json({ items: await readOrders.events(idOf(req)) }))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id/cancel')
    .post(async (req, res) => {
      const order = await cancelOrder(idOf(req), req);
      res.status(isSettled(order.status) ? 200 : 202).json({ order: toWire(order), message: messageOf(order) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/queue')
    .get(notTraffic, async (_req, res) => void res.json(await manageQueue.state()))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/queue/redrive')
    .post(deps.operator, async (req, res) => {
      res.status(202).json(await manageQueue.redriveMany(parse(redriveBody, req.body, 'The body'), req.requestId));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/queue/:order_id/redrive')
    .post(deps.operator, async (req, res) => {
      const { order_id } = parse(redriveParams, req.params, 'The path');
      const order = await manageQueue.redrive(order_id, req.requestId);
      res.status(202).json({ order: toWire(order), message: 'The order is requeued and tried again now.' });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/integrity')
    .get(notTraffic, (_req, res) => void res.json(deps.auditor.state()))
    .all(methodNotAllowed('GET'));

  return router;
}

/** One item, or a list of items. The errors fit the form that the client chose. */
function parseOrder(body: unknown): OrderLine[] {
  const isList = typeof body === 'object' && body !== null && 'items' in body;
  return isList ? parse(multiItemOrder, body, 'The order').items : [parse(orderLine, body, 'The order')];
}

/** Sends the stored bytes unchanged: `res.json` would serialise them again (I10). */
function sendAnswer(res: Response, placed: Placed): void {
  const type = placed.status < 400 ? 'application/json' : 'application/problem+json';
  res.status(placed.status).set('Content-Type', `${type}; charset=utf-8`);
  if (placed.status < 400) res.set('Location', `/api/orders/${placed.order_id}`);
  if (placed.replayed) res.set('Idempotent-Replayed', 'true');
  res.send(placed.body);
}

import {
  HEADER,
  isSettled,
  listOrdersQuery,
  multiItemOrder,
  oneItemOrder,
  orderId,
  redriveBody,
  type Order as WireOrder,
} from '@valerix/contracts';
import { auditedAs, storedKey } from '@valerix/service-kit/identity/principal';
import { notTraffic } from '@valerix/service-kit/metrics';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { messageOf, toWire } from './answers.ts';
import type { createCancelOrder } from './cancel-order.ts';
import { type Meaning, parseIdempotencyKey } from './idempotency.ts';
import type { Auditor } from './integrity/audit-integrity.ts';
import type { createManageQueue } from './manage-queue.ts';
import type { Order, OrderLine } from './order.ts';
import { covers, type Ownership, placedBy, type Viewer } from './ownership.ts';
import type { createPlaceOrder, Placed } from './place-order.ts';
import type { createReadOrders } from './read-orders.ts';

export interface RouteDeps {
  placeOrder: ReturnType<typeof createPlaceOrder>;
  cancelOrder: ReturnType<typeof createCancelOrder>;
  readOrders: ReturnType<typeof createReadOrders>;
  manageQueue: ReturnType<typeof createManageQueue>;
  auditor: Pick<Auditor, 'state'>;
  eventFeed: RequestHandler;
  ownership: Ownership;
  operator: RequestHandler;
  insiders: RequestHandler;
}

const idParams = z.object({ id: orderId });
const redriveParams = z.object({ order_id: orderId });

/** Parse, one use case, status. */
export function createRoutes(deps: RouteDeps): Router {
  const { placeOrder, cancelOrder, readOrders, manageQueue, ownership } = deps;
  const router = Router();
  const idOf = (req: Request) => parse(idParams, req.params, 'The path').id;

  router
    .route('/api/orders')
    .post(async (req, res) => {
      const { principal, requestId, traceparent } = req;
      const key = storedKey(principal, parseIdempotencyKey(req.headersDistinct[HEADER.idempotencyKey]));
      const order = { key, placedBy: placedBy(principal), ...parseOrder(req.body), requestId, traceparent };
      const placed = await placeOrder(order);
      const token = placed.status < 300 ? ownership.tokenFor(principal, placed.order_id) : undefined;
      if (token !== undefined) res.set('Order-Token', token);
      sendAnswer(res, placed);
    })
    .get(async (req, res) => {
      const { idempotency_key, mine, ...query } = parse(listOrdersQuery, req.query, 'The query');
      const key = idempotency_key && storedKey(req.principal, idempotency_key);
      const viewer = mine ? ownership.ownViewer(req) : key ? ownership.viewerByKey(req) : ownership.viewer(req);
      const { orders, nextCursor } = await readOrders.page({ ...query, idempotency_key: key }, viewer.reach);
      res.json({ items: orders.map((order) => shownTo(viewer, order)), next_cursor: nextCursor });
    })
    .all(methodNotAllowed('GET', 'POST'));

  router.route('/api/orders/stream').get(notTraffic, deps.eventFeed).all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id')
    .get(async (req, res) => {
      const id = idOf(req);
      const viewer = ownership.viewer(req, id);
      const order = await readOrders.find(id, viewer.reach);
      res.json({ order: shownTo(viewer, order), message: messageOf(order) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id/events')
    .get(async (req, res) => {
      const id = idOf(req);
      res.json({ items: await readOrders.events(id, ownership.viewer(req, id).reach) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/orders/:id/cancel')
    .post(async (req, res) => {
      const id = idOf(req);
      const viewer = ownership.viewer(req, id);
      const order = await cancelOrder(id, viewer.reach, req);
      res
        .status(isSettled(order.status) ? 200 : 202)
        .json({ order: shownTo(viewer, order), message: messageOf(order) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/queue')
    .get(notTraffic, deps.insiders, async (req, res) => {
      const state = await manageQueue.state();
      const hidden = state.dead_letters.map((order) => ({ ...order, idempotency_key: null }));
      res.json(req.principal.kind === 'operator' ? state : { ...state, dead_letters: hidden });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/queue/redrive')
    .post(deps.operator, async (req, res) => {
      const body = parse(redriveBody, req.body, 'The body');
      const actor = auditedAs(req.principal, body.by);
      res.status(202).json(await manageQueue.redriveMany(body, actor, req.requestId));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/queue/:order_id/redrive')
    .post(deps.operator, async (req, res) => {
      const { order_id } = parse(redriveParams, req.params, 'The path');
      const order = await manageQueue.redrive(order_id, auditedAs(req.principal), req.requestId);
      res.status(202).json({ order: toWire(order), message: 'The order is requeued and tried again now.' });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/integrity')
    .get(notTraffic, deps.insiders, (_req, res) => void res.json(deps.auditor.state()))
    .all(methodNotAllowed('GET'));

  return router;
}

function shownTo({ owns }: Viewer, order: Order): WireOrder {
  const wire = toWire(order);
  return covers(owns, order.placed_by) ? wire : { ...wire, idempotency_key: null };
}

/** One item, or a list of items. The errors fit the form that the client chose. */
function parseOrder(body: unknown): Meaning & { items: OrderLine[] } {
  const isList = typeof body === 'object' && body !== null && 'items' in body;
  const {
    payment,
    expected_total_cents: expectedTotalCents,
    ...what
  } = isList ? parse(multiItemOrder, body, 'The order') : parse(oneItemOrder, body, 'The order');
  return { items: 'items' in what ? what.items : [what], expectedTotalCents, paymentToken: payment?.token };
}

/** Sends the stored bytes unchanged: `res.json` would serialise them again (I10). */
function sendAnswer(res: Response, placed: Placed): void {
  const type = placed.status < 400 ? 'application/json' : 'application/problem+json';
  res.status(placed.status).set('Content-Type', `${type}; charset=utf-8`);
  if (placed.status < 400) res.set('Location', `/api/orders/${placed.order_id}`);
  if (placed.replayed) res.set('Idempotent-Replayed', 'true');
  res.send(placed.body);
}

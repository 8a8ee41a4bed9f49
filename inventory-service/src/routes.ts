import {
  addItemBody,
  changeItemBody,
  command,
  deductBody,
  forgetBody,
  HEADER,
  itemId,
  ledgerQuery,
  listItemsQuery,
  MAX_DEADLINE_MS,
  orderId,
  releaseBody,
  restockBody,
} from '@valerix/contracts';
import { commandStream } from '@valerix/service-kit/command-stream';
import { type Deadline, deadlineIn } from '@valerix/service-kit/deadline';
import { auditedAs } from '@valerix/service-kit/identity/principal';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { DecideOrder } from './decide-orders.ts';
import { translateError } from './errors.ts';
import type { createManageCatalogue } from './manage-catalogue.ts';
import type { createReadInventory } from './read-inventory.ts';
import type { createRestockItem } from './restock-item.ts';

export interface RouteDeps {
  decideOrder: DecideOrder;
  /** For commands that travel together in one request. */
  decideCommand: DecideOrder;
  restockItem: ReturnType<typeof createRestockItem>;
  manageCatalogue: ReturnType<typeof createManageCatalogue>;
  readInventory: ReturnType<typeof createReadInventory>;
  /** Notes which orders the order service has dropped. @returns what may be dropped by now */
  mayForget: (ordersBefore: string) => Promise<string>;
  operator: RequestHandler;
  /** Lets only the services pass that place and settle orders. */
  callers: RequestHandler;
  insiders: RequestHandler;
}

/** The deadline of a command whose caller sends none, milliseconds. */
const DEFAULT_DEADLINE_MS = 5_000;
const itemParams = z.object({ item_id: itemId });
const orderParams = z.object({ order_id: orderId });

/** Parse, one use case, status. */
export function createRoutes(deps: RouteDeps): Router {
  const { decideOrder, restockItem, manageCatalogue, readInventory, operator, callers, insiders } = deps;
  const router = Router();

  // First, because Express tests a request against every path before its own.
  router
    .route('/api/inventory/commands')
    .post(callers, commandStream({ command, decide: deps.decideCommand, translateError }))
    .all(methodNotAllowed('POST'));

  router
    .route('/api/inventory/deduct')
    .post(callers, async (req, res) => {
      const body = parse(deductBody, req.body);
      res.json({ decision: await decideOrder({ op: 'deduct', ...body }, deadlineOf(req)) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/inventory/release')
    .post(callers, async (req, res) => {
      const body = parse(releaseBody, req.body);
      res.json({ decision: await decideOrder({ op: 'release', ...body }, deadlineOf(req)) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/inventory')
    .get(async (req, res) => void res.json(await readInventory.items(parse(listItemsQuery, req.query, 'The query'))))
    .post(operator, async (req, res) => {
      const body = parse(addItemBody, req.body);
      const { item, replayed } = await manageCatalogue.addItem(body, auditedAs(req.principal, body.by));
      if (replayed) res.set('Idempotent-Replayed', 'true');
      res.status(201).set('Location', `/api/inventory/${item.item_id}`).json({ item });
    })
    .all(methodNotAllowed('GET', 'POST'));

  router
    .route('/api/inventory/ledger')
    .get(
      insiders,
      async (req, res) => void res.json(await readInventory.ledger(parse(ledgerQuery, req.query, 'The query'))),
    )
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/forget')
    .post(callers, async (req, res) => {
      const { orders_before } = parse(forgetBody, req.body);
      res.json({ orders_before: await deps.mayForget(orders_before) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route(['/api/decisions/:order_id', '/api/inventory/decisions/:order_id'])
    .get(insiders, async (req, res) => {
      const { order_id } = parse(orderParams, req.params, 'The path');
      res.json({ decision: await readInventory.decision(order_id) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/:item_id')
    .get(async (req, res) => {
      const { item_id } = parse(itemParams, req.params, 'The path');
      res.json({ item: await readInventory.item(item_id) });
    })
    .patch(operator, async (req, res) => {
      const { item_id } = parse(itemParams, req.params, 'The path');
      const body = parse(changeItemBody, req.body);
      res.json({ item: await manageCatalogue.changeItem(item_id, body, auditedAs(req.principal, body.by)) });
    })
    .all(methodNotAllowed('GET', 'PATCH'));

  router
    .route('/api/inventory/:item_id/restock')
    .post(operator, async (req, res) => {
      const { item_id } = parse(itemParams, req.params, 'The path');
      const { item, replayed } = await restockItem(item_id, parse(restockBody, req.body), auditedAs(req.principal));
      if (replayed) res.set('Idempotent-Replayed', 'true');
      res.json({ item });
    })
    .all(methodNotAllowed('POST'));

  return router;
}

/** An empty header is no number; coerced, it would be a deadline that has passed. */
const deadlineMs = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number of milliseconds')
  .transform(Number)
  .pipe(z.number().max(MAX_DEADLINE_MS));

function deadlineOf(req: Request): Deadline {
  const given = req.headers[HEADER.deadlineMs];
  if (given === undefined) return deadlineIn(DEFAULT_DEADLINE_MS);
  const headers = parse(z.object({ [HEADER.deadlineMs]: deadlineMs }), { [HEADER.deadlineMs]: given }, 'The header');
  return deadlineIn(headers[HEADER.deadlineMs] as number);
}

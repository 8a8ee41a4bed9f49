import { deductBody, HEADER, itemId, ledgerQuery, releaseBody, restockBody } from '@valerix/contracts';
import { type Deadline, deadlineIn } from '@valerix/service-kit/deadline';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { commandStream } from './command-stream.ts';
import type { DecideOrder } from './decide-orders.ts';
import { problem } from './errors.ts';
import type { InventoryStore, Item } from './inventory-store.ts';
import type { LedgerStore } from './ledger-store.ts';

export interface RouteDeps {
  decideOrder: DecideOrder;
  /** The same for commands that travel together. */
  decideCommand: DecideOrder;
  restockItem: (itemId: string, body: z.infer<typeof restockBody>) => Promise<Item>;
  store: InventoryStore;
  ledger: LedgerStore;
  operator: RequestHandler;
  chaosAdmin: RequestHandler;
}

/** Milliseconds a command may take when the caller does not say. */
const DEFAULT_DEADLINE_MS = 5_000;
const itemParams = z.object({ item_id: itemId });
const orderParams = z.object({ order_id: z.uuid() });

/** Parse, one use case, status. */
export function createRoutes(deps: RouteDeps): Router {
  const { decideOrder, restockItem, store, ledger, operator } = deps;
  const router = Router();

  router.use(deps.chaosAdmin);

  router
    .route('/api/inventory/deduct')
    .post(async (req, res) => {
      const body = parse(deductBody, req.body);
      res.json({ decision: await decideOrder({ op: 'deduct', ...body }, deadlineOf(req)) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/inventory/release')
    .post(async (req, res) => {
      const body = parse(releaseBody, req.body);
      res.json({ decision: await decideOrder({ op: 'release', ...body }, deadlineOf(req)) });
    })
    .all(methodNotAllowed('POST'));

  router.route('/api/inventory/commands').post(commandStream(deps.decideCommand)).all(methodNotAllowed('POST'));

  router
    .route('/api/inventory')
    .get(async (_req, res) => void res.json({ items: await store.listItems(), next_cursor: null }))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/ledger')
    .get(async (req, res) => {
      const items = await ledger.readLedger(parse(ledgerQuery, req.query, 'The query'));
      res.json({ items, next_cursor: items.at(-1)?.position ?? null });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/decisions/:order_id')
    .get(async (req, res) => {
      const { order_id } = parse(orderParams, req.params, 'The path');
      const decision = await store.findDecision(order_id);
      if (!decision) throw problem('NOT_FOUND', `No decision was made about order ${order_id}.`);
      res.json({ decision });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/:item_id')
    .get(async (req, res) => {
      const { item_id } = parse(itemParams, req.params, 'The path');
      const item = await store.findItem(item_id);
      if (!item) throw problem('NOT_FOUND', `There is no item "${item_id}".`);
      res.json({ item });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/inventory/:item_id/restock')
    .post(operator, async (req, res) => {
      const { item_id } = parse(itemParams, req.params, 'The path');
      res.json({ item: await restockItem(item_id, parse(restockBody, req.body)) });
    })
    .all(methodNotAllowed('POST'));

  return router;
}

const deadlineMs = z.coerce.number({ error: 'must be a number of milliseconds' }).min(0).max(3_600_000);

function deadlineOf(req: Request): Deadline {
  const given = req.headers[HEADER.deadlineMs];
  if (given === undefined) return deadlineIn(DEFAULT_DEADLINE_MS);
  const headers = parse(z.object({ [HEADER.deadlineMs]: deadlineMs }), { [HEADER.deadlineMs]: given }, 'The header');
  return deadlineIn(headers[HEADER.deadlineMs] as number);
}

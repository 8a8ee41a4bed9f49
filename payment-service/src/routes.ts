import {
  adoptBody,
  forgetBody,
  orderId,
  paymentCommand,
  paymentLedgerQuery,
  type Reconciliation,
} from '@valerix/contracts';
import { commandStream } from '@valerix/service-kit/command-stream';
import { auditedAs } from '@valerix/service-kit/identity/principal';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { AdoptPayment } from './adopt-payment.ts';
import { translateError } from './errors.ts';
import type { createReadPayments } from './read-payments.ts';
import type { TakePayment } from './take-payments.ts';
import type { TakeWebhook } from './take-webhook.ts';

export interface RouteDeps {
  takePayment: TakePayment;
  takeWebhook: TakeWebhook;
  readPayments: ReturnType<typeof createReadPayments>;
  adoptPayment: AdoptPayment;
  reconciliation: { state(): Reconciliation; now(): Promise<Reconciliation> };
  /** Notes which orders the order service has dropped. @returns what may be dropped by now */
  mayForget: (ordersBefore: string) => Promise<string>;
  operator: RequestHandler;
  callers: RequestHandler;
  insiders: RequestHandler;
}

const orderParams = z.object({ order_id: orderId });

/** Parse, one use case, status. */
export function createRoutes(deps: RouteDeps): Router {
  const { takePayment, takeWebhook, readPayments, reconciliation, operator, callers, insiders } = deps;
  const router = Router();

  router
    .route('/api/payments/commands')
    .post(callers, commandStream({ command: paymentCommand, decide: takePayment, translateError }))
    .all(methodNotAllowed('POST'));

  router
    .route('/api/payments/webhooks')
    .post(async (req, res) => {
      await takeWebhook(req.headers, req.body);
      res.json({ received: true });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/payments')
    .get(insiders, async (req, res) => {
      res.json(await readPayments.ledger(parse(paymentLedgerQuery, req.query, 'The query')));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/payments/open')
    .get(insiders, async (_req, res) => void res.json({ items: await readPayments.open() }))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/payments/reconciliation')
    .get(insiders, (_req, res) => void res.json(reconciliation.state()))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/payments/reconcile')
    .post(operator, async (_req, res) => void res.json(await reconciliation.now()))
    .all(methodNotAllowed('POST'));

  router
    .route('/api/payments/forget')
    .post(callers, async (req, res) => {
      const { orders_before } = parse(forgetBody, req.body);
      res.json({ orders_before: await deps.mayForget(orders_before) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/payments/:order_id/adopt')
    .post(operator, async (req, res) => {
      const { order_id } = parse(orderParams, req.params, 'The path');
      const { by, reason } = parse(adoptBody, req.body);
      res.json({ payment: await deps.adoptPayment(order_id, auditedAs(req.principal, by), reason) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/payments/:order_id')
    .get(insiders, async (req, res) => {
      const { order_id } = parse(orderParams, req.params, 'The path');
      res.json({ payment: await readPayments.payment(order_id) });
    })
    .all(methodNotAllowed('GET'));

  return router;
}

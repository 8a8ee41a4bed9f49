import {
  commitPosition,
  IDEMPOTENCY_KEY,
  integrity,
  listOrdersQuery,
  orderAnswer,
  orderEvents,
  orderId,
  orderPage,
  placeOrderBody,
  queueState,
  redriveAnswer,
  redriveBody,
} from '@valerix/contracts';
import {
  anybody,
  BODY_ERRORS,
  by,
  json,
  jsonRequest,
  location,
  openApi,
  operatorOnly,
  problems,
} from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const owner = by('guest', 'orderToken', 'customer', 'operator');
const path = z.object({ id: orderId });
const idempotencyKey = z.object({
  'idempotency-key': z.string().regex(IDEMPOTENCY_KEY).meta({
    description: 'A new UUID for each order; the same one for every retry of it. Bare, or a quoted string.',
    example: '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11',
  }),
});
const lastEventId = z.object({
  'last-event-id': commitPosition.optional().meta({
    description: 'The `id` of the last event seen; the stream continues after it. Any other value is ignored.',
  }),
});
const readOne = problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'OVERLOADED', 'DATABASE_UNAVAILABLE');
const replayed = {
  'Idempotent-Replayed': { schema: { type: 'string' as const }, description: '`true` when this is the stored answer.' },
};
const replayHeaders = {
  ...location('Where the order is read.'),
  ...replayed,
  'Order-Token': {
    schema: { type: 'string' as const },
    description: "For a guest: the order's token, by which the guest reads and cancels it. Every replay has it.",
  },
};
const refused = problems(
  ERRORS,
  ...BODY_ERRORS,
  'IDEMPOTENCY_KEY_IN_FLIGHT',
  'OUT_OF_STOCK',
  'ITEM_NOT_FOUND',
  'ORDER_VOIDED',
  'PRICE_CHANGED',
  'CURRENCIES_DIFFER',
  'PAYMENT_DECLINED',
  'PAYMENT_TIMEOUT',
  'PAYMENT_REQUIRED',
  'PAYMENTS_NOT_OFFERED',
  'IDEMPOTENCY_KEY_REUSED',
  'OVERLOADED',
  'DATABASE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
);

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix order service',
  version: '1',
  description: 'Takes orders for stock, and neither loses nor doubles one.',
  paths: {
    '/api/orders': {
      post: {
        ...anybody('placeOrder'),
        summary: 'Place an order',
        requestParams: { header: idempotencyKey },
        requestBody: jsonRequest(placeOrderBody),
        responses: {
          201: {
            ...json('Confirmed: the stock is taken, and a payment is charged.', orderAnswer),
            headers: replayHeaders,
          },
          202: {
            ...json(
              'Accepted: a participant gave no usable answer in time; the worker settles the order later.',
              orderAnswer,
            ),
            headers: replayHeaders,
          },
          ...refused,
          402: { ...refused['402'], headers: replayed },
          422: { ...refused['422'], headers: replayed },
        },
      },
      get: {
        ...anybody('listOrders'),
        summary: 'Orders, newest first',
        description:
          'One snapshot per page, the same on every replica: it misses no order that was answered before it was asked for. ' +
          'Without `status`, all pages together have each order that existed at the start once; with it, an order that moves may be on two pages or none.',
        requestParams: { query: listOrdersQuery },
        responses: {
          200: json('A page.', orderPage),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/orders/{id}': {
      get: {
        ...owner('getOrder'),
        summary: 'One order',
        description:
          'On every replica the status last answered, by this or any other request, or a later one; it never goes back.',
        requestParams: { path },
        responses: { 200: json('The order.', orderAnswer), ...readOne },
      },
    },
    '/api/orders/{id}/events': {
      get: {
        ...owner('getTimeline'),
        summary: 'The timeline of an order',
        description: 'Every event that was committed before the request, in the order of the transitions.',
        requestParams: { path },
        responses: { 200: json('Its events, oldest first.', orderEvents), ...readOne },
      },
    },
    '/api/orders/{id}/cancel': {
      post: {
        ...owner('cancelOrder'),
        summary: 'Cancel an order, give its stock back and refund its payment; safe to repeat',
        requestParams: { path },
        responses: {
          200: json('Cancelled.', orderAnswer),
          202: json('Accepted: the worker completes the cancellation.', orderAnswer),
          ...problems(
            ERRORS,
            ...BODY_ERRORS,
            'NOT_FOUND',
            'ORDER_IN_FLIGHT',
            'ORDER_NOT_CANCELLABLE',
            'OVERLOADED',
            'DATABASE_UNAVAILABLE',
            'OUTCOME_UNKNOWN',
          ),
        },
      },
    },
    '/api/orders/stream': {
      get: {
        ...anybody('streamOrders'),
        summary: 'Transitions of all orders, as server-sent events',
        description:
          'Every event of every replica once, in the order of commits, from the connection or `Last-Event-ID` on. ' +
          'An event waits until every older transaction has ended, so it may come later than a read shows it.',
        requestParams: { header: lastEventId },
        responses: {
          200: { description: 'Events named `order`, each with an OrderEvent.', content: { 'text/event-stream': {} } },
          ...problems(ERRORS, 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/integrity': {
      get: {
        ...by('guest', 'operator')('getIntegrity'),
        summary: "The auditor's verdict: do orders and stock agree?",
        description: 'The same on every replica, and at most 15 s old; an older one is shown as `unknown`.',
        responses: { 200: json('The verdict.', integrity), ...problems(ERRORS) },
      },
    },
    '/api/queue': {
      get: {
        ...anybody('getQueue'),
        summary: 'The fallback queue',
        description:
          'Counted by each replica on its own, up to a second before. After a redrive, the replica that was asked counts anew.',
        responses: { 200: json('Its state.', queueState), ...problems(ERRORS, 'DATABASE_UNAVAILABLE') },
      },
    },
    '/api/queue/redrive': {
      post: {
        ...operatorOnly('redriveMany'),
        summary: 'Requeue many dead letters',
        description:
          'Requeues the dead letters that meet every given condition, oldest first, at most `limit` in one request.',
        requestBody: jsonRequest(redriveBody),
        responses: {
          202: json('Requeued: the next sweep tries them.', redriveAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/queue/{order_id}/redrive': {
      post: {
        ...operatorOnly('redriveOrder'),
        summary: 'Requeue a dead letter',
        requestParams: { path: z.object({ order_id: orderId }) },
        responses: {
          202: json('Requeued, and tried now.', orderAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'NOT_FOUND', 'NOT_DEAD_LETTERED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
  },
});

import {
  integrity,
  listOrdersQuery,
  orderAnswer,
  orderEvents,
  orderId,
  orderPage,
  placeOrderBody,
  queueState,
} from '@valerix/contracts';
import { json, jsonRequest, openApi, problems } from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const path = z.object({ id: orderId });
const idempotencyKey = z.object({
  'idempotency-key': z.string().min(1).max(255).meta({
    description: 'A new UUID for each order; the same one for every retry of it.',
    example: '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11',
  }),
});
const replayHeaders = {
  Location: { schema: { type: 'string' as const }, description: 'Where the order is read.' },
  'Idempotent-Replayed': { schema: { type: 'string' as const }, description: '`true` when this is the stored answer.' },
};

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix order service',
  version: '1',
  description: 'Takes orders for stock, and neither loses nor doubles one.',
  paths: {
    '/api/orders': {
      post: {
        summary: 'Place an order',
        requestParams: { header: idempotencyKey },
        requestBody: jsonRequest(placeOrderBody),
        responses: {
          201: { ...json('Confirmed: the stock is taken.', orderAnswer), headers: replayHeaders },
          202: {
            ...json('Accepted: the warehouse did not answer in time; the order settles by itself.', orderAnswer),
            headers: replayHeaders,
          },
          ...problems(
            ERRORS,
            'VALIDATION_FAILED',
            'MALFORMED_JSON',
            'IDEMPOTENCY_KEY_IN_FLIGHT',
            'BODY_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'OUT_OF_STOCK',
            'ITEM_NOT_FOUND',
            'IDEMPOTENCY_KEY_REUSED',
            'OVERLOADED',
            'DATABASE_UNAVAILABLE',
          ),
        },
      },
      get: {
        summary: 'Orders, newest first',
        requestParams: { query: listOrdersQuery },
        responses: { 200: json('A page.', orderPage), ...problems(ERRORS, 'VALIDATION_FAILED') },
      },
    },
    '/api/orders/{id}': {
      get: {
        summary: 'One order',
        requestParams: { path },
        responses: { 200: json('The order.', orderAnswer), ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND') },
      },
    },
    '/api/orders/{id}/events': {
      get: {
        summary: 'The timeline of an order',
        requestParams: { path },
        responses: {
          200: json('Its events, oldest first.', orderEvents),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND'),
        },
      },
    },
    '/api/orders/{id}/cancel': {
      post: {
        summary: 'Cancel an order and give its stock back; safe to repeat',
        requestParams: { path },
        responses: {
          200: json('Cancelled.', orderAnswer),
          202: json('Accepted; it completes by itself.', orderAnswer),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'ORDER_IN_FLIGHT', 'ORDER_NOT_CANCELLABLE'),
        },
      },
    },
    '/api/orders/stream': {
      get: {
        summary: 'Transitions of all orders, as server-sent events',
        responses: {
          200: { description: 'Events named `order`, each with an OrderEvent.', content: { 'text/event-stream': {} } },
        },
      },
    },
    '/api/integrity': {
      get: {
        summary: 'Whether orders and stock agree, as the auditor sees it',
        responses: { 200: json('The verdict.', integrity) },
      },
    },
    '/api/queue': { get: { summary: 'The fallback queue', responses: { 200: json('Its state.', queueState) } } },
    '/api/queue/{id}/redrive': {
      post: {
        summary: 'Try a dead letter again',
        security: [{ operator: [] }],
        requestParams: { path },
        responses: {
          202: json('Tried again now.', orderAnswer),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'UNAUTHORIZED', 'NOT_FOUND', 'NOT_DEAD_LETTERED'),
        },
      },
    },
  },
});

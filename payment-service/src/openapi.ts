import {
  adoptBody,
  forgetAnswer,
  forgetBody,
  MAX_OPEN_PAYMENTS,
  openPayments,
  orderId,
  paymentAnswer,
  paymentCommand,
  paymentLedgerPage,
  paymentLedgerQuery,
  paymentReply,
  reconciliation,
} from '@valerix/contracts';
import {
  anybody,
  BODY_ERRORS,
  insiders,
  json,
  jsonRequest,
  openApi,
  operatorOnly,
  problems,
  serviceOnly,
} from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const ndjson = (schema: z.ZodType) => ({ 'application/x-ndjson': { schema } });
const webhookHeaders = z.object({
  'webhook-id': z.string(),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since 1970.' }),
  'webhook-signature': z.string(),
});

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix payment service',
  version: '1',
  description:
    'Takes money and gives it back, once per order. Repeating a command returns the first decision; a refund of an order that was never ' +
    'charged makes sure that it never is.',
  paths: {
    '/api/payments/commands': {
      post: {
        ...serviceOnly('sendCommands'),
        summary: 'Charges and refunds, many at once',
        description:
          'One command a line, one reply a line, in the order in which they are answered. `PAYMENT_PENDING` (503) in a reply: the provider ' +
          'has not confirmed yet; send the command again.',
        requestBody: { required: true, content: ndjson(paymentCommand) },
        responses: {
          200: { description: 'One line for each command.', content: ndjson(paymentReply) },
          ...problems(ERRORS, 'VALIDATION_FAILED', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
        },
      },
    },
    '/api/payments/webhooks': {
      post: {
        ...anybody('takeWebhook'),
        summary: 'Report a charge or a refund; for the provider',
        description: 'Signed as Standard Webhooks says. The body is the provider’s own. Repeating it changes nothing.',
        requestParams: { header: webhookHeaders },
        requestBody: { required: true, content: { 'application/json': { schema: z.unknown() } } },
        responses: {
          200: json('It was received.', z.object({ received: z.literal(true) })),
          ...problems(
            ERRORS,
            'WEBHOOK_REFUSED',
            'VALIDATION_FAILED',
            'BODY_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'OVERLOADED',
            'DATABASE_UNAVAILABLE',
          ),
        },
      },
    },
    '/api/payments': {
      get: {
        ...insiders('readLedger'),
        summary: 'The ledger, in the order of its commits',
        description:
          'Each entry once, after every older transaction has ended. The entries of orders named by `order_id` are shown as soon as they are committed.',
        requestParams: { query: paymentLedgerQuery },
        responses: {
          200: json('A page.', paymentLedgerPage),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'UNAUTHORIZED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/payments/open': {
      get: {
        ...insiders('listOpenPayments'),
        summary: `Payments that wait for the provider, the oldest first, at most ${MAX_OPEN_PAYMENTS}`,
        responses: {
          200: json('The payments.', openPayments),
          ...problems(ERRORS, 'UNAUTHORIZED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/payments/reconciliation': {
      get: {
        ...insiders('getReconciliation'),
        summary: "The ledger compared with the provider's books",
        responses: { 200: json('The verdict.', reconciliation), ...problems(ERRORS, 'OVERLOADED') },
      },
    },
    '/api/payments/reconcile': {
      post: {
        ...operatorOnly('reconcile'),
        summary: 'Compare now',
        description:
          'Looks up at once what is open, and answers with the verdict of the next finished round, or after five seconds.',
        responses: { 200: json('The verdict.', reconciliation), ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED') },
      },
    },
    '/api/payments/forget': {
      post: {
        ...serviceOnly('forgetPayments'),
        summary: 'Say which orders are gone, so that their payments may be dropped',
        requestBody: jsonRequest(forgetBody),
        responses: {
          200: json('What may be dropped by now; it never goes back.', forgetAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/payments/{order_id}/adopt': {
      post: {
        ...operatorOnly('adoptPayment'),
        summary: 'Book a charge that only the provider knows',
        description:
          'For charges that a restore of an older backup has forgotten. The audit keeps who did it and why. To give the money back instead, cancel the order.',
        requestParams: { path: z.object({ order_id: orderId }) },
        requestBody: jsonRequest(adoptBody),
        responses: {
          200: json('The payment.', paymentAnswer),
          ...problems(
            ERRORS,
            ...BODY_ERRORS,
            'UNAUTHORIZED',
            'NOTHING_TO_ADOPT',
            'PAYMENT_KNOWN',
            'PAYMENT_PENDING',
            'DATABASE_UNAVAILABLE',
          ),
        },
      },
    },
    '/api/payments/{order_id}': {
      get: {
        ...insiders('getPayment'),
        summary: 'The payment of an order',
        requestParams: { path: z.object({ order_id: orderId }) },
        responses: {
          200: json('The payment.', paymentAnswer),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
  },
});

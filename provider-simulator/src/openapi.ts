import { BODY_ERRORS, insiders, json, jsonRequest, openApi, problems, serviceOnly } from '@valerix/service-kit/openapi';
import { ERRORS } from './errors.ts';
import { booksPage, booksQuery, chargeAnswer, chargeBody, oneCharge } from './routes.ts';

const changed = problems(ERRORS, ...BODY_ERRORS, 'OVERLOADED', 'DATABASE_UNAVAILABLE');

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix provider simulator',
  version: '1',
  description:
    'Stands for a payment provider in local use and game days. The token of a charge chooses what happens: `tok_ok`, `tok_declined`, ' +
    '`tok_insufficient_funds`, `tok_slow`, `tok_lost_reply`, `tok_webhook_only`, `tok_never`. Webhooks are signed as Standard Webhooks ' +
    'says, come late, and sometimes twice.',
  paths: {
    '/api/charges': {
      post: {
        ...serviceOnly('charge'),
        summary: 'Charge a card, once per reference',
        requestBody: jsonRequest(chargeBody),
        responses: { 200: json('What stands under the reference.', chargeAnswer), ...changed },
      },
    },
    '/api/charges/{reference}': {
      get: {
        ...insiders('getCharge'),
        summary: 'One charge',
        requestParams: { path: oneCharge },
        responses: {
          200: json('The charge.', chargeAnswer),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/charges/{reference}/refund': {
      post: {
        ...serviceOnly('refund'),
        summary: 'Give the money back, or make sure that it is never taken',
        requestParams: { path: oneCharge },
        responses: { 200: json('What stands under the reference.', chargeAnswer), ...changed },
      },
    },
    '/api/books': {
      get: {
        ...insiders('readBooks'),
        summary: 'The books, in the order of their commits',
        requestParams: { query: booksQuery },
        responses: {
          200: json('A page.', booksPage),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
  },
});

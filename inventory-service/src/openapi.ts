import {
  addItemBody,
  changeItemBody,
  command,
  commandReply,
  decisionAnswer,
  deductBody,
  forgetAnswer,
  forgetBody,
  inventoryAnswer,
  inventoryList,
  itemId,
  ledgerPage,
  ledgerQuery,
  listItemsQuery,
  MAX_DEADLINE_MS,
  orderId,
  releaseBody,
  restockBody,
} from '@valerix/contracts';
import { CHAOS_OPERATIONS } from '@valerix/service-kit/chaos-openapi';
import {
  anybody,
  BODY_ERRORS,
  insiders,
  json,
  jsonRequest,
  location,
  openApi,
  operatorOnly,
  problems,
  serviceOnly,
} from '@valerix/service-kit/openapi';
import { z } from 'zod';
import { ERRORS } from './errors.ts';

const oneItem = z.object({ item_id: itemId });
const deadline = z.object({
  'x-request-deadline-ms': z
    .number()
    .min(0)
    .max(MAX_DEADLINE_MS)
    .optional()
    .meta({ description: 'How many more milliseconds the caller waits.' }),
});
const replayHeader = (description: string) => ({
  'Idempotent-Replayed': { schema: { type: 'string' as const }, description },
});
const readOne = problems(ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND', 'OVERLOADED', 'DATABASE_UNAVAILABLE');
const decided = problems(
  ERRORS,
  ...BODY_ERRORS,
  'ORDER_FORGOTTEN',
  'OVERLOADED',
  'DATABASE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
);
const ndjson = (schema: z.ZodType) => ({ 'application/x-ndjson': { schema } });

/** Served at /openapi.json. */
export const openApiDocument = openApi({
  title: 'Valerix inventory service',
  version: '1',
  description: 'Stock, its ledger, and one decision per order. Repeating a command returns the first decision.',
  paths: {
    '/api/inventory': {
      get: {
        ...anybody('listItems'),
        summary: 'The items, in the order of their ids',
        description:
          'One moment per page, between question and answer, on every replica. All pages together have each item that existed at the start.',
        requestParams: { query: listItemsQuery },
        responses: {
          200: json('A page.', inventoryList),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
      post: {
        ...operatorOnly('addItem'),
        summary: 'Add an item, once per id; it can be ordered at once',
        requestBody: jsonRequest(addItemBody),
        responses: {
          201: {
            ...json('The item as it was added.', inventoryAnswer),
            headers: {
              ...location('Where the item is read.'),
              ...replayHeader('`true` if the item had been added before, so nothing was done now.'),
            },
          },
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'ITEM_EXISTS', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/inventory/{item_id}': {
      get: {
        ...anybody('getItem'),
        summary: 'One item',
        description:
          'Its stock at one moment between question and answer, on every replica; its quantities are all of that moment.',
        requestParams: { path: oneItem },
        responses: { 200: json('The item.', inventoryAnswer), ...readOne },
      },
      patch: {
        ...operatorOnly('changeItem'),
        summary: 'Rename or price an item, for orders from now on',
        requestParams: { path: oneItem },
        requestBody: jsonRequest(changeItemBody),
        responses: {
          200: json('The item after the change.', inventoryAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'NOT_FOUND', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/inventory/ledger': {
      get: {
        ...insiders('readLedger'),
        summary: 'The ledger, in the order of its commits',
        description:
          'Each entry once, after every older transaction has ended (`settled_to`, `held_back`); so it may be behind the stock. ' +
          'The entries of orders named by `order_id` are shown as soon as they are committed.',
        requestParams: { query: ledgerQuery },
        responses: {
          200: json('A page.', ledgerPage),
          ...problems(ERRORS, 'VALIDATION_FAILED', 'OVERLOADED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/inventory/forget': {
      post: {
        ...serviceOnly('forgetOrders'),
        summary:
          'Report that orders before an id were dropped: their decisions and ledger entries may be dropped (RETENTION)',
        requestBody: jsonRequest(forgetBody),
        responses: {
          200: json('What may be dropped by now; it never goes back.', forgetAnswer),
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    '/api/decisions/{order_id}': {
      get: {
        ...insiders('getDecision'),
        summary: 'The decision about an order',
        description:
          'On every replica, from its commit on. It never changes, except that `released_at` is set once, and `held` is cleared once.',
        requestParams: { path: z.object({ order_id: orderId }) },
        responses: { 200: json('The decision.', decisionAnswer), ...readOne },
      },
    },
    '/api/inventory/deduct': {
      post: {
        ...serviceOnly('deductStock'),
        summary: 'Deduct the stock of an order, all or nothing, once',
        requestParams: { header: deadline },
        requestBody: jsonRequest(deductBody),
        responses: {
          200: json('The decision, made now or earlier; `outcome` says what was decided.', decisionAnswer),
          ...decided,
        },
      },
    },
    '/api/inventory/release': {
      post: {
        ...serviceOnly('releaseStock'),
        summary: 'Release the stock of an order, once; an unknown order is voided',
        requestParams: { header: deadline },
        requestBody: jsonRequest(releaseBody),
        responses: {
          200: json('The decision after the release.', decisionAnswer),
          ...decided,
        },
      },
    },
    '/api/inventory/commands': {
      post: {
        ...serviceOnly('sendCommands'),
        summary: 'Many commands in one request, one per line; each is decided and answered on its own',
        requestBody: { required: true, content: ndjson(command) },
        responses: {
          200: { description: 'One line per command, in the order of the decisions.', content: ndjson(commandReply) },
          ...problems(ERRORS, ...BODY_ERRORS),
        },
      },
    },
    '/api/inventory/{item_id}/restock': {
      post: {
        ...operatorOnly('restockItem'),
        summary: 'Book received goods, once per restock id',
        requestParams: { path: oneItem },
        requestBody: jsonRequest(restockBody),
        responses: {
          200: {
            ...json('The item after the booking.', inventoryAnswer),
            headers: replayHeader('`true` if the id was booked before, so no units were added now.'),
          },
          ...problems(ERRORS, ...BODY_ERRORS, 'UNAUTHORIZED', 'NOT_FOUND', 'RESTOCK_ID_REUSED', 'DATABASE_UNAVAILABLE'),
        },
      },
    },
    ...CHAOS_OPERATIONS,
  },
});

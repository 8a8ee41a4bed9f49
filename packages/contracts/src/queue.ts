import { z } from 'zod';
import { itemId, order, orderId } from './orders.ts';
import { QUEUE_COUNT_LIMIT } from './queue-count-limit.ts';
import { writtenText } from './text.ts';

const MAX_AGE_SECONDS = 10 * 365 * 86_400;

/** Which dead letters to requeue: those that meet every given condition. */
export const redriveBody = z
  .strictObject({
    all: z.literal(true).optional().describe('Every dead letter; required when no condition is given.'),
    order_ids: z.array(orderId).min(1).max(1_000).optional(),
    older_than_seconds: z.int().min(0).max(MAX_AGE_SECONDS).optional().describe('Dead letters for at least this long.'),
    item_id: itemId.optional().describe('Orders of this item.'),
    cause: writtenText(64).optional().describe('The cause in their last `order.dead_lettered` event.'),
    limit: z.int().min(1).max(10_000).default(1_000).describe('The most to requeue, oldest first.'),
    by: writtenText(100).optional().describe('The operator, for the audit.'),
    reason: writtenText(500).optional().describe('Why, for the audit.'),
  })
  .refine(
    ({ limit: _, by: _by, reason: _reason, ...which }) => Object.keys(which).length > 0,
    'names no condition; send {"all": true} for all',
  )
  .meta({ id: 'Redrive' });
export type RedriveBody = z.infer<typeof redriveBody>;

export const redriveAnswer = z
  .object({
    redriven: z.int(),
    more: z.boolean().describe('True when the limit was reached: repeat the request for the rest.'),
  })
  .meta({ id: 'RedriveAnswer' });

export const queueState = z
  .object({
    queue: z.object({
      depth: z
        .int()
        .max(QUEUE_COUNT_LIMIT)
        .describe('Orders waiting for the worker, without dead letters; 10000 means 10,000 or more.'),
      oldest_age_seconds: z.number(),
      dead_lettered: z.int().max(QUEUE_COUNT_LIMIT).describe('Dead letters; 10000 means 10,000 or more.'),
      stream_length: z.int().nullable().describe('Entries in the Redis stream; null when Redis cannot be reached.'),
    }),
    dead_letters: z.array(order),
  })
  .meta({ id: 'QueueState' });
export type QueueState = z.infer<typeof queueState>;

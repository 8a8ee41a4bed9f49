import { z } from 'zod';
import { amountCents, currency, paymentToken } from './money.ts';
import { ITEM_ID, MAX_ITEMS_PER_ORDER, MAX_QUANTITY, ORDER_STATUSES, STATUS_ON_THE_WIRE } from './order-rules.ts';
import { QUEUE_COUNT_LIMIT } from './queue-count-limit.ts';

/** 1 to 255 printable ASCII characters, no space at either end. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Stands between a user's id and the user's key in a stored key. No key has this character. */
export const KEY_SEPARATOR = '\u001f';
/** The key as its sender knows it. */
export const keyAsSent = (stored: string): string => stored.slice(stored.indexOf(KEY_SEPARATOR) + 1);

/** Who an order belongs to, as the order service stores it. */
export type PlacedBy = 'operator' | 'guest' | `customer:${string}`;

export const itemId = z
  .string()
  .regex(ITEM_ID, 'must be 1 to 64 lower-case letters, digits or hyphens, not starting with a hyphen')
  .meta({ id: 'ItemId', example: 'ps5' });

/** The id of an order, as PostgreSQL writes it: services compare ids as text, and a caller may send capitals. */
export const orderId = z.uuid().toLowerCase();

const orderLineFields = {
  item_id: itemId,
  quantity: z.int().min(1, 'must be at least 1').max(MAX_QUANTITY, `must be at most ${MAX_QUANTITY}`),
};
export const orderLine = z.strictObject(orderLineFields).meta({ id: 'OrderLine' });
export type OrderLine = z.infer<typeof orderLine>;

/** A line between services, where the sender may be newer than the reader: unknown fields are ignored. */
export const sentOrderLine = z.object(orderLineFields);

/** A line with its price. */
export const pricedLine = z
  .object({
    ...orderLineFields,
    unit_price_cents: amountCents
      .nullable()
      .optional()
      .describe("The price of one unit at the moment of the inventory service's decision; null or absent before it."),
  })
  .meta({ id: 'PricedLine' });
export type PricedLine = z.infer<typeof pricedLine>;

/** What the lines cost together, in the smallest unit of their currency; null while a price is not known. */
export function totalOf(lines: readonly PricedLine[]): number | null {
  let total = 0;
  for (const { quantity, unit_price_cents: price } of lines) {
    if (price === null || price === undefined) return null;
    total += quantity * price;
  }
  return total;
}

const linesOf = <L extends z.ZodType<OrderLine>>(line: L) =>
  z
    .array(line, 'must be a list of items')
    .min(1, 'must name at least one item')
    .max(MAX_ITEMS_PER_ORDER, `must name at most ${MAX_ITEMS_PER_ORDER} items`)
    .superRefine((lines, ctx) => {
      const seen = new Set<string>();
      lines.forEach((line, index) => {
        if (seen.has(line.item_id)) {
          ctx.addIssue({ code: 'custom', path: [index, 'item_id'], message: `"${line.item_id}" is listed twice` });
        }
        seen.add(line.item_id);
      });
    });

/** The items of one order, each named once. */
export const orderLines = linesOf(orderLine);
/** The same between services. */
export const sentOrderLines = linesOf(sentOrderLine);

/** How an order is billed; on account, unless it names a payment. */
const billing = {
  payment: z
    .strictObject({ token: paymentToken })
    .optional()
    .describe('Pays the order at once. Without it, the order is billed on account.'),
  expected_total_cents: amountCents
    .optional()
    .describe('The total that the customer saw: the order is refused with `PRICE_CHANGED` if it costs anything else.'),
};

/** The body of `POST /api/orders` for several items. */
export const multiItemOrder = z.strictObject({ items: orderLines, ...billing }).meta({ id: 'MultiItemOrder' });
/** The body of `POST /api/orders` for one item. */
export const oneItemOrder = z.strictObject({ ...orderLineFields, ...billing }).meta({ id: 'OneItemOrder' });

/** The body of `POST /api/orders`: one item, or a list of them. */
export const placeOrderBody = z.union([multiItemOrder, oneItemOrder]).meta({ id: 'PlaceOrder' });

export const orderStatus = z.enum(ORDER_STATUSES).meta({ id: 'OrderStatus' });

/** Why an order was refused. */
export const REFUSAL_REASONS = [
  'OUT_OF_STOCK',
  'ITEM_NOT_FOUND',
  'ORDER_VOIDED',
  'PRICE_CHANGED',
  'CURRENCIES_DIFFER',
  'CARD_DECLINED',
  'INSUFFICIENT_FUNDS',
  'PAYMENT_DECLINED',
  'PAYMENT_TIMEOUT',
] as const;
export const refusalReason = z.enum(REFUSAL_REASONS).meta({ id: 'RefusalReason' });
export type RefusalReason = z.infer<typeof refusalReason>;

const timestamp = z.iso.datetime({ offset: true });

export const order = z
  .object({
    order_id: z.uuid(),
    idempotency_key: z.string().nullable().describe('Null in the order of someone else.'),
    status: orderStatus,
    reason: refusalReason.nullable(),
    items: z.array(pricedLine),
    currency: currency.nullable().default(null).describe('Of every price of the order; null until they are known.'),
    total_cents: amountCents
      .nullable()
      .default(null)
      .describe('What the order costs; null until the prices are known.'),
    payment_deadline: timestamp
      .nullable()
      .default(null)
      .describe('When a paid order that is still open is undone; null for an order that is billed on account.'),
    item_id: itemId.optional().describe('The item of an order of one item; absent when it has several.'),
    quantity: z.int().optional().describe('The units of an order of one item; absent when it has several.'),
    attempts: z
      .int()
      .describe(
        'How often the worker has tried since the order was queued, requeued or cancelled, whichever came last.',
      ),
    next_attempt_at: timestamp.nullable().describe('When the worker tries again; null when nothing is left to do.'),
    dead_lettered_at: timestamp.nullable().describe('Set when the worker gave up; an operator must requeue the order.'),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof order>;

export const orderAnswer = z.object({ order, message: z.string() }).meta({ id: 'OrderAnswer' });
export type OrderAnswer = z.infer<typeof orderAnswer>;

export const orderPage = z
  .object({ items: z.array(order), next_cursor: z.string().nullable() })
  .meta({ id: 'OrderPage' });
export type OrderPage = z.infer<typeof orderPage>;

/** How many orders a search looks at: one for something rare must end too. */
export const SEARCHED_ORDERS = 20_000;

export const listOrdersQuery = z
  .strictObject({
    status: orderStatus.optional(),
    idempotency_key: z.string().regex(IDEMPOTENCY_KEY, 'must be 1 to 255 printable ASCII characters').optional(),
    mine: z.literal('true').optional().describe("The orders of the user who asks, and no one else's."),
    search: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters without spaces')
      .optional()
      .describe(
        `A part of the id, of an item or of the reason, in any case. Looks at ${SEARCHED_ORDERS} orders, newest first.`,
      ),
    waiting: z
      .enum(['true'])
      .optional()
      .describe(`Only orders that wait for the worker, ${QUEUE_COUNT_LIMIT} at most.`),
    dead_lettered: z.enum(['true']).optional().describe(`Only dead letters, ${QUEUE_COUNT_LIMIT} at most.`),
    hit_by_fault: z
      .enum(['true'])
      .optional()
      .describe(`Only orders that an injected fault hit. Looks at ${SEARCHED_ORDERS} orders, newest first.`),
    placed_from: timestamp.optional().describe('Only orders that were placed at this time or later.'),
    placed_to: timestamp.optional().describe('Only orders that were placed before this time.'),
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  })
  .refine(({ waiting, dead_lettered }) => waiting === undefined || dead_lettered === undefined, {
    path: ['waiting'],
    message: 'is not taken together with dead_lettered',
  });
export type ListOrdersQuery = z.infer<typeof listOrdersQuery>;

export const ORDER_EVENT_TYPES = [
  ...ORDER_STATUSES.map((status) => STATUS_ON_THE_WIRE[status].event),
  'order.retry_scheduled',
  'order.dead_lettered',
  'order.redriven',
  // Not a transition: a fault hit the order (docs/chaos.md).
  'chaos.fault_fired',
] as const;
export const orderEventType = z.enum(ORDER_EVENT_TYPES).meta({ id: 'OrderEventType' });
export type OrderEventType = z.infer<typeof orderEventType>;

/** One entry of an order's timeline, and one domain event of the outbox. */
export const orderEvent = z
  .object({
    event_id: z.uuid(),
    event_version: z.literal(1),
    type: orderEventType,
    order_id: z.uuid(),
    occurred_at: timestamp,
    correlation_id: z.string().describe('The request that placed the order.'),
    causation_id: z.string().describe('The request, or the worker attempt, that caused this event.'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OrderEvent' });
export type OrderEvent = z.infer<typeof orderEvent>;

export const orderEvents = z.object({ items: z.array(orderEvent) }).meta({ id: 'OrderEvents' });

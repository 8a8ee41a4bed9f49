import { z } from 'zod';
import { DECISION_OUTCOMES, replyOf, travel } from './commands.ts';
import { commitPosition } from './commit-position.ts';
import { amountCents, currency } from './money.ts';
import { itemId, orderId, orderLines, refusalReason, sentOrderLine, sentOrderLines } from './orders.ts';
import { writtenText } from './text.ts';

const timestamp = z.iso.datetime({ offset: true });

export const inventoryItem = z
  .object({
    item_id: itemId,
    item_name: z.string(),
    quantity: z.int().min(0).describe('Units that can be ordered now.'),
    reserved_quantity: z.int().min(0).describe('Units held by paid orders that are not final yet.'),
    taken_quantity: z
      .int()
      .min(0)
      .optional()
      .describe('Units deducted for orders and not released, held ones included. Older services do not say.'),
    price_cents: z.int().min(0),
    currency: currency.default('EUR'),
    updated_at: timestamp,
  })
  .meta({ id: 'InventoryItem' });
export type InventoryItem = z.infer<typeof inventoryItem>;

export const inventoryAnswer = z.object({ item: inventoryItem }).meta({ id: 'InventoryAnswer' });
/** A page of items, in the order of their ids. */
export const inventoryList = z
  .object({ items: z.array(inventoryItem), next_cursor: z.string().nullable() })
  .meta({ id: 'InventoryList' });

/** An id that is another route's word could not be read at `/api/inventory/<id>`. */
const ROUTE_WORDS = ['commands', 'decisions', 'deduct', 'forget', 'ledger', 'release'];
const MAX_UNITS = 1_000_000;
/** A million, in hundredths. */
const MAX_PRICE_CENTS = 100_000_000;

const itemFields = {
  item_name: writtenText(100).refine((name) => name.trim() === name, 'must not begin or end with a space'),
  price_cents: z
    .int()
    .min(0, 'must not be negative')
    .max(MAX_PRICE_CENTS, `must be at most ${MAX_PRICE_CENTS}`)
    .describe('The price of one unit, in the smallest unit of the currency.'),
};
const audited = {
  by: writtenText(100).optional().describe('The operator, for the audit.'),
  reason: writtenText(500).optional().describe('Why, for the audit.'),
};

/** The body of `POST /api/inventory`. */
export const addItemBody = z
  .strictObject({
    item_id: itemId.refine((id) => !ROUTE_WORDS.includes(id), 'is a word of the API'),
    ...itemFields,
    currency: currency.default('EUR').describe('The currency of its price; it never changes.'),
    quantity: z
      .int()
      .min(0, 'must not be negative')
      .max(MAX_UNITS, `must be at most ${MAX_UNITS}`)
      .describe('The first stock, booked in the ledger as `seed`.'),
    ...audited,
  })
  .meta({ id: 'AddItem' });
export type AddItemBody = z.infer<typeof addItemBody>;

/** The body of `PATCH /api/inventory/{item_id}`. */
export const changeItemBody = z
  .strictObject({ ...z.object(itemFields).partial().shape, ...audited })
  .refine(
    ({ item_name, price_cents }) => item_name !== undefined || price_cents !== undefined,
    'names nothing to change; send item_name, price_cents or both',
  )
  .meta({ id: 'ChangeItem' });
export type ChangeItemBody = z.infer<typeof changeItemBody>;

/** The largest page of items. */
export const MAX_ITEMS_PER_PAGE = 1_000;

/** `limit` defaults to the largest page, for callers that ask once and expect the whole catalogue. */
export const listItemsQuery = z.strictObject({
  cursor: itemId.optional().describe('The `next_cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(MAX_ITEMS_PER_PAGE).default(MAX_ITEMS_PER_PAGE),
});
export type ListItemsQuery = z.infer<typeof listItemsQuery>;

export const decision = z
  .object({
    order_id: z.uuid(),
    outcome: z
      .enum(DECISION_OUTCOMES)
      .describe('applied: the stock is deducted; refused: it was short; voided: the order was cancelled first.'),
    reason: refusalReason.nullable(),
    items: z.array(sentOrderLine),
    // Beside the lines, not in them: the previous order service takes no line with a field it does not know.
    prices: z
      .object({ currency, unit_price_cents: z.array(amountCents) })
      .nullable()
      .default(null)
      .describe(
        'At the moment of the decision, in the order of `items`; null if an item is unknown, and in older decisions.',
      ),
    decided_at: timestamp,
    released_at: timestamp.nullable().describe('When an applied deduction was released.'),
    held: z
      .boolean()
      .default(false)
      .describe('True while a reservation is neither committed nor released: the units count in `reserved_quantity`.'),
  })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof decision>;

export const decisionAnswer = z.object({ decision }).meta({ id: 'DecisionAnswer' });

export const deductBody = z.strictObject({ order_id: orderId, items: orderLines }).meta({ id: 'Deduct' });
export const releaseBody = z.strictObject({ order_id: orderId }).meta({ id: 'Release' });

/** A command that takes stock; refused with `PRICE_CHANGED` if it costs anything but `expected_total_cents`. */
const taking = { order_id: orderId, items: sentOrderLines, expected_total_cents: amountCents.optional() };

/**
 * One line of `POST /api/inventory/commands`. Many orders travel in one request; each is decided and answered on its own.
 * Unknown fields are ignored: a newer order service may send more. `reserve` takes the stock as `deduct` does, and holds it until
 * `commit` or `release`.
 */
export const command = z
  .discriminatedUnion('op', [
    z.object({ op: z.literal('deduct'), ...taking, ...travel }),
    z.object({ op: z.literal('reserve'), ...taking, ...travel }),
    z.object({ op: z.literal('commit'), order_id: orderId, ...travel }),
    z.object({ op: z.literal('release'), order_id: orderId, ...travel }),
  ])
  .meta({ id: 'Command' });
export type Command = z.infer<typeof command>;

/** One line of the reply to `POST /api/inventory/commands`. */
export const commandReply = replyOf(decision, 'CommandReply');
export type CommandReply = z.infer<typeof commandReply>;

export const restockBody = z
  .strictObject({ restock_id: writtenText(128), quantity: z.int().min(1).max(MAX_UNITS) })
  .meta({ id: 'Restock' });
export type RestockBody = z.infer<typeof restockBody>;

// A bound of time: the smallest id of its millisecond, which is no UUIDv7 itself.
const bound = z.guid().toLowerCase();
export const forgetBody = z
  .strictObject({
    orders_before: bound.describe('The caller has dropped every order with a smaller id.'),
  })
  .meta({ id: 'Forget' });
export const forgetAnswer = z
  .object({ orders_before: bound.describe('What may be dropped by now.') })
  .meta({ id: 'ForgetAnswer' });

export const LEDGER_TYPES = ['seed', 'deduct', 'release', 'restock'] as const;
export const ledgerEntry = z
  .object({
    position: z.string().describe('Pass the last one seen as `after` to continue.'),
    transaction_type: z.enum(LEDGER_TYPES),
    item_id: itemId,
    quantity_change: z
      .int()
      .describe(
        'Negative for `deduct`, positive for the others: the sum over an item, and its opening balance, is its stock.',
      ),
    order_id: z.uuid().nullable(),
    restock_id: z.string().nullable(),
    created_at: timestamp,
    held: z
      .boolean()
      .optional()
      .describe('With the query parameter `order_id` only: true while the order holds a reservation.'),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntry = z.infer<typeof ledgerEntry>;

/** The most orders in one query of the ledger: it keeps the query and its answer short. */
export const MAX_ORDERS_PER_LEDGER_QUERY = 100;

const orderIds = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(orderId).max(MAX_ORDERS_PER_LEDGER_QUERY));

export const ledgerQuery = z
  .strictObject({
    after: commitPosition.optional(),
    item_id: itemId.optional(),
    order_id: orderIds
      .optional()
      .describe(
        `Orders, at most ${MAX_ORDERS_PER_LEDGER_QUERY}, separated by commas. Their entries are shown as soon as they are committed, even beyond \`settled_to\`.`,
      ),
    held: z
      .literal('true')
      .optional()
      .describe('With `order_id`: only the entries of orders whose stock is still reserved.'),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  })
  .refine(({ held, order_id }) => held === undefined || order_id !== undefined, {
    path: ['held'],
    message: 'is only taken together with order_id',
  });
export type LedgerQuery = z.infer<typeof ledgerQuery>;

export const ledgerPage = z
  .object({
    items: z.array(ledgerEntry),
    next_cursor: z.string().nullable(),
    settled_to: commitPosition
      .optional()
      .describe('All entries before this position are committed: no more can appear there.'),
    held_back: z
      .boolean()
      .optional()
      .describe('True if a running transaction, named in `settled_to`, hides the entries of younger ones.'),
    gone_before: bound.optional().describe('The entries of orders with a smaller id were dropped (`RETENTION`).'),
    opening: z
      .array(z.object({ item_id: itemId, brought_in: z.int(), taken: z.int() }))
      .optional()
      .describe(
        'On the first page of the whole ledger: per item, the sums of the entries that were dropped. `brought_in - taken` and the ' +
          'entries that are kept add up to the stock.',
      ),
  })
  .meta({ id: 'LedgerPage' });
export type LedgerPage = z.infer<typeof ledgerPage>;

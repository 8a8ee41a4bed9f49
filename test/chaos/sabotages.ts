import type { Rule } from '@valerix/gameday/check-run';
import { type DefenceName, defenceOf } from '@valerix/gameday/defences';
import type { Cut, DroppedGuards } from '@valerix/gameday/laboratory';
import { MONEY_STORIES } from './money-stories.ts';
import { STORIES } from './stories.ts';

export const ALL_STORIES = { ...STORIES, ...MONEY_STORIES };
export type StoryName = keyof typeof ALL_STORIES;

export interface Sabotage {
  name: string;
  caughtBy: Rule;
  story: StoryName;
  cuts: readonly Cut[];
  /** Guards of the schema that would notice it first. */
  guards?: DroppedGuards;
}

const decide = 'inventory-service/src/decide.ts';
const inventoryStore = 'inventory-service/src/inventory-store.ts';
const orderStore = 'order-service/src/order-store.ts';
const placeOrder = 'order-service/src/place-order.ts';
const order = 'order-service/src/order.ts';
const readOrders = 'order-service/src/read-orders.ts';
const findOrder = 'const order = await reads.find(id);';
/** The source of a cache: what was read stays for so long. It hangs on the store, so that in the simulation each process has its own. */
const keep = (key: string, read: string, ms: number) => `const kept = (reads.kept ??= new Map());
    if (!kept.has(${key})) kept.set(${key}, ${read}), setTimeout(() => kept.delete(${key}), ${ms});`;

/** Removes a whole defence, as the matrix of the game days does. */
function without(name: DefenceName): Pick<Sabotage, 'cuts' | 'guards'> {
  const { cuts, guards } = defenceOf(name);
  return { cuts, ...(guards && { guards }) };
}

/** Each breaks one promise of the design. If the named invariant does not notice it, the other tests prove nothing. */
export const SABOTAGES: Sabotage[] = [
  {
    name: 'stock moves twice for one ledger entry',
    caughtBy: 'I1',
    story: 'a lost reply',
    cuts: [
      {
        file: inventoryStore,
        find: 'inventory.quantity + change.delta',
        replace: 'inventory.quantity + 2 * change.delta',
      },
    ],
  },
  {
    name: 'stock is not checked',
    caughtBy: 'I2',
    story: 'more than there is',
    cuts: [{ file: decide, find: "return 'OUT_OF_STOCK';", replace: 'return null;' }],
    guards: { inventory: 'ALTER TABLE inventory DROP CONSTRAINT inventory_quantity_check;' },
  },
  {
    name: 'idempotency is check-then-act',
    caughtBy: 'I3',
    story: 'one key ten times at once',
    cuts: [
      { file: orderStore, find: 'ON CONFLICT DO NOTHING', replace: '' },
      {
        file: placeOrder,
        find: '(await orders.create(order));',
        replace: '!(await orders.findByKey(key)) && (await orders.create(order));',
      },
    ],
    guards: { order: 'ALTER TABLE orders DROP CONSTRAINT orders_idempotency_key_key;' },
  },
  {
    name: 'no unique decision: every deduct is decided anew',
    caughtBy: 'I4',
    story: 'a lost reply',
    ...without('unique-decision'),
  },
  {
    name: 'a release is counted every time it is asked for',
    caughtBy: 'I4',
    story: 'a lost reply to a cancellation',
    cuts: [{ file: decide, find: ' || earlier.released_at) return earlier', replace: ') return earlier' }],
    guards: {
      inventory: `DROP INDEX inventory_transactions_once; ALTER TABLE inventory DROP CONSTRAINT inventory_reserved_quantity_check;`,
    },
  },
  {
    name: 'an order that never left is confirmed',
    caughtBy: 'I5',
    story: 'an inventory service that is cut off',
    cuts: [
      {
        file: order,
        find: "case 'unknown':",
        replace: "case 'unknown': return { status: 'confirmed', reason: null };\n    // ",
      },
    ],
  },
  {
    name: 'no tombstone: a release of an unseen order leaves nothing',
    caughtBy: 'I6',
    story: 'a deduction after the cancellation',
    ...without('tombstone'),
  },
  {
    name: 'an unknown outcome becomes failed',
    caughtBy: 'I6',
    story: 'late replies',
    cuts: [
      {
        file: order,
        find: "case 'unknown':",
        replace: "case 'unknown': return { status: 'failed', reason: 'OUT_OF_STOCK' };\n    // ",
      },
    ],
  },
  {
    name: 'an unknown outcome is released and becomes failed',
    caughtBy: 'I12',
    story: 'late replies',
    cuts: [
      {
        file: placeOrder,
        find: 'const outcome = await participants.carryOut(order, { round: 0, requestId, traceparent });',
        replace: `const call = { round: 0, requestId, traceparent };
    const asked = await participants.carryOut(order, call);
    if (asked.kind === 'unknown') await participants.undo(order, call);
    const outcome = asked.kind === 'unknown' ? { kind: 'refused', reason: 'OUT_OF_STOCK', isFirst: true } : asked;`,
      },
    ],
  },
  {
    name: 'acknowledged before it is committed',
    caughtBy: 'I7',
    story: 'death right after the answer',
    cuts: [
      {
        file: orderStore,
        find: 'create: (order: Order): Promise<boolean> => creations.submit(order),',
        replace:
          'create: async (order: Order) => { setTimeout(() => void creations.submit(order).catch(() => {}), 400); return true; },',
      },
      {
        file: orderStore,
        find: 'if (await move(change)) return change.answer;',
        replace: 'setTimeout(() => void move(change).catch(() => {}), 450); return change.answer;',
      },
    ],
  },
  {
    name: 'no sweep',
    caughtBy: 'I8',
    story: 'death before the inventory service is called',
    ...without('sweep'),
  },
  {
    name: 'a lease that never ends',
    caughtBy: 'I8',
    story: 'death before the inventory service is called',
    ...without('lease'),
  },
  {
    name: 'no compare in the compare-and-set',
    caughtBy: 'I9',
    story: 'a worker that wakes after the cancellation',
    cuts: [{ file: orderStore, find: 'AND orders.status = new.from_status', replace: '' }],
  },
  {
    name: 'a replay is written anew from the order as it is',
    caughtBy: 'I10',
    story: 'a replay after the order settled',
    cuts: [
      {
        file: 'order-service/src/order-rows.ts',
        find: 'answer: answered ? { order_id: order.order_id, status: response_status, body: response_body } : null',
        replace: 'answer: answered ? answerOf(order as never) : null',
      },
      {
        file: 'order-service/src/order-rows.ts',
        find: "import { literal } from '@valerix/service-kit/postgres';",
        replace: "import { literal } from '@valerix/service-kit/postgres';\nimport { answerOf } from './answers.ts';",
      },
    ],
  },
  {
    name: 'the last units are refused',
    caughtBy: 'I12',
    story: 'exactly what there is',
    cuts: [
      {
        file: decide,
        find: 'left(line.item_id) < line.quantity',
        replace: 'left(line.item_id) <= line.quantity',
      },
    ],
  },
  {
    name: 'an order is read from a cache of five seconds',
    caughtBy: 'R1',
    story: 'readers beside clients who order and cancel',
    cuts: [
      {
        file: readOrders,
        find: findOrder,
        replace: `${keep('id', 'reads.find(id)', 5_000)}\n    const order = await kept.get(id);`,
      },
    ],
  },
  {
    name: 'every other read of a confirmed order shows it queued',
    caughtBy: 'R2',
    story: 'readers beside clients who order and cancel',
    cuts: [
      {
        file: readOrders,
        find: findOrder,
        replace: `${findOrder}
    const looks = (reads.looks ??= new Map());
    looks.set(id, (looks.get(id) ?? 0) + 1);
    if (order?.status === 'confirmed' && looks.get(id) % 2 === 0) order.status = 'queued';`,
      },
    ],
  },
  {
    name: 'pages are read from a copy that is a second behind',
    caughtBy: 'R3',
    story: 'readers beside clients who order and cancel',
    cuts: [
      {
        file: 'order-service/src/order-reads-store.ts',
        find: 'const where = [',
        replace: "const where = [ `created_at < now() - interval '1 second'`,",
      },
    ],
  },
  {
    name: 'stock is read from a cache of two seconds',
    caughtBy: 'R4',
    story: 'readers beside clients who order and cancel',
    cuts: [
      {
        file: 'inventory-service/src/read-inventory.ts',
        find: 'const item = await reads.findItem(itemId);',
        replace: `${keep('itemId', 'reads.findItem(itemId)', 2_000)}\n      const item = await kept.get(itemId);`,
      },
    ],
  },
  // Each of these breaks one promise about money.
  {
    name: 'undo in the wrong order: the stock is given back before the money',
    caughtBy: 'I15',
    story: 'a refund that cannot be asked for',
    ...without('undo-order'),
  },
  {
    name: 'no tombstone in payments: a refund of an unseen charge leaves nothing',
    caughtBy: 'I16',
    story: 'a charge after the cancellation',
    ...without('payment-tombstone'),
  },
  {
    name: 'charge before stock',
    caughtBy: 'I16',
    story: 'a card that is charged although the stock is gone',
    ...without('stock-first'),
  },
  {
    name: 'a charge is tried again without looking it up, under a new name each time',
    caughtBy: 'I14',
    story: 'a provider whose reply is lost',
    ...without('look-up'),
  },
  {
    name: 'a webhook is booked every time it arrives',
    caughtBy: 'I14',
    story: 'a webhook that is sent twice',
    ...without('booked-once'),
  },
  {
    name: 'refund without a decision: what the provider takes after it is kept',
    caughtBy: 'I16',
    story: 'a cancellation while the provider has not decided',
    ...without('first-decision'),
  },
];

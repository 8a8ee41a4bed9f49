import { z } from 'zod';

/**
 * What the previous version of each service sends and takes over `POST /api/inventory/commands`, byte for byte. Replicas of both
 * versions run side by side during a rollout.
 */
const ORDER = '01890000-0000-7000-8000-00000000000';

export const PREVIOUS_ORDERS = [`${ORDER}1`, `${ORDER}2`, `${ORDER}3`] as const;

export const PREVIOUS_REQUEST = [
  `{"op":"deduct","items":[{"item_id":"ps5","quantity":1}],"order_id":"${ORDER}1","attempt":1,"request_id":"r1","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","deadline_ms":5000}`,
  `{"op":"release","order_id":"${ORDER}2","attempt":11,"request_id":"r2","deadline_ms":5000}`,
  `{"op":"deduct","items":[{"item_id":"ps5","quantity":1}],"order_id":"${ORDER}3","attempt":1,"request_id":"r3","deadline_ms":0}`,
].join('\n');

export const PREVIOUS_REPLY = [
  `{"index":1,"decision":{"order_id":"${ORDER}2","outcome":"voided","reason":"ORDER_VOIDED","items":[],"decided_at":"2026-01-01T00:00:00.000Z","released_at":null}}`,
  `{"index":2,"error":{"status":504,"code":"DEADLINE_EXCEEDED","detail":"The deadline passed before the work began."}}`,
  `{"index":0,"decision":{"order_id":"${ORDER}1","outcome":"applied","reason":null,"items":[{"item_id":"ps5","quantity":1}],"decided_at":"2026-01-01T00:00:00.000Z","released_at":null}}`,
  '',
].join('\n');

const travel = {
  attempt: z.int().min(1),
  deadline_ms: z.int().min(0),
  request_id: z.string().max(128),
  traceparent: z.string().max(64).optional(),
};
const items = z.array(z.strictObject({ item_id: z.string(), quantity: z.int().min(1).max(1000) })).min(1);

/** What the previous inventory service takes: it knows no other field. */
export const previousCommand = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('deduct'), order_id: z.uuid(), items, ...travel }),
  z.strictObject({ op: z.literal('release'), order_id: z.uuid(), ...travel }),
]);

/** What the previous order-service takes. */
export const previousReply = z.union([
  z.object({
    index: z.int().min(0),
    decision: z.object({
      order_id: z.uuid(),
      outcome: z.enum(['applied', 'refused', 'voided']),
      reason: z.enum(['OUT_OF_STOCK', 'ITEM_NOT_FOUND', 'ORDER_VOIDED']).nullable(),
      items: z.array(z.strictObject({ item_id: z.string(), quantity: z.int() })),
      decided_at: z.iso.datetime({ offset: true }),
      released_at: z.iso.datetime({ offset: true }).nullable(),
    }),
  }),
  z.object({
    index: z.int().min(0),
    error: z.object({ status: z.int(), code: z.string(), detail: z.string() }),
  }),
]);

import { experimentLevel, INVARIANTS, itemId, MAX_QUANTITY } from '@valerix/contracts';
import { perService } from '@valerix/system';
import { z } from 'zod';

const share = z.number().min(0).max(1);

/** The limits of a run, in an experiment and on the command line. */
export const RUN_LIMITS = {
  seed: { min: 0, max: 0xffffffff, whole: true },
  duration: { min: 1, max: 86_400, units: { '': 1, s: 1, m: 60, h: 3_600 } },
  rate: { min: 0.01, max: 5_000 },
} as const;
const { seed, duration, rate } = RUN_LIMITS;

/** What the clients do. Shares are of all orders. */
export const workloadSchema = z.strictObject({
  rate: z.number().min(rate.min).max(rate.max).describe('Orders a second.'),
  items: z.array(itemId).min(1).default(['ps5', 'xbox', 'switch', 'laptop', 'monitor', 'headset', 'keyboard', 'mouse']),
  hot_item: z
    .strictObject({ item_id: itemId, share })
    .optional()
    .describe('An item, and the share of orders that want it.'),
  max_quantity: z.int().min(1).max(MAX_QUANTITY).default(2),
  multi_item: share.default(0.2).describe('Orders of two or three items.'),
  payments: z
    .record(z.string(), share)
    .default({})
    .describe('Orders that are paid at once, by the token of their payment; the others are billed on account.'),
  cancellations: share.default(0.05).describe('Orders that are cancelled some time after their answer.'),
  replays: share.default(0.05).describe('Clients that lose the answer and retry with the same key.'),
  reused_keys: share.default(0.01).describe('Clients that send another order under a key already used.'),
  reads: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.15)
    .describe('The share of requests that only read, of all orders and reads; they come on top of `rate`.'),
  customers: z
    .int()
    .min(0)
    .max(200)
    .default(0)
    .describe('Customers who sign in before the load and order in turn, with their access tokens; 0: all are guests.'),
  timeout_ms: z.int().min(10).max(60_000).default(3_000).describe('How long a client waits for one answer.'),
  give_up_ms: z.int().min(100).max(600_000).default(30_000).describe('How long a client goes on retrying.'),
});
export type Workload = z.infer<typeof workloadSchema>;

/** The kinds of evidence that a run can show. */
const EVIDENCE_KINDS = [
  'fault-fired',
  'every-fault-fired',
  'target-acted',
  'breaker-opened',
  'orders-placed',
  'orders-queued',
  'orders-refused',
  'payments-declined',
  'orders-cancelled',
  'client-retries',
  'replays',
  'reads',
  'orders-recovered',
  'settled-in-time',
] as const;

const evidence = z.strictObject({
  kind: z.enum(EVIDENCE_KINDS),
  of: z.string().optional().describe('fault-fired, target-acted: the name of the action; absent: all.'),
  at_least: z.int().min(1).default(1),
});
export type Evidence = z.infer<typeof evidence>;

/** Our own part of an experiment: `extensions: [{name: valerix, …}]`. */
export const valerixExtension = z.strictObject({
  name: z.literal('valerix'),
  summary: z.string().optional().describe('One line for the list.'),
  level: experimentLevel.default('medium'),
  seed: z.int().min(seed.min).max(seed.max).default(1),
  duration_s: z.number().min(duration.min).max(duration.max),
  rounds: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('The method begins anew at the start of each of so many equal parts of the duration.'),
  max_growth: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe('The share by which p95 and the memory of a process may grow from the second quarter to the last.'),
  drain_s: z.number().min(1).max(3_600).default(90).describe('How long open orders may take to settle afterwards.'),
  settle_within_drain: z
    .boolean()
    .default(false)
    .describe('An order that is still open after drain_s breaks I8; otherwise it makes the run inconclusive.'),
  workload: workloadSchema,
  stock: z.record(itemId, z.int().min(0).max(1_000_000)).default({}).describe('Units restocked before the start.'),
  replicas: z
    .strictObject(perService(() => z.int().min(1).max(8)))
    .partial()
    .default({}),
  evidence: z.array(evidence).min(1, 'must name the evidence: without it a run proves nothing'),
  stop_when_broken: z.array(z.enum(INVARIANTS)).default(['I1', 'I2', 'I4', 'I5', 'I6']),
});
export type ValerixExtension = z.infer<typeof valerixExtension>;

/** For an experiment without our extension: the default clients, all invariants, no required evidence. */
export const DEFAULT_EXTENSION: ValerixExtension = {
  ...valerixExtension.parse({
    name: 'valerix',
    duration_s: 30,
    workload: { rate: 20 },
    evidence: [{ kind: 'orders-placed' }],
  }),
  evidence: [],
};

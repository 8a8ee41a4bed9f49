import { SERVICE_NAMES, SERVICES } from '@valerix/system';
import { z } from 'zod';
import { DEFAULT_FAULT_SECONDS, MAX_FAULT_HITS, MAX_FAULT_SECONDS } from './limits.ts';
import { itemId, orderId } from './orders.ts';
import { keptText, writtenText } from './text.ts';

export const serviceName = z.enum(SERVICE_NAMES).meta({ id: 'ServiceName' });
export type { ServiceName } from '@valerix/system';

/** The types of fault. Each is one file in service-kit's `chaos/types/`. */
export const FAULT_TYPES = [
  'latency',
  'error',
  'reset',
  'drop-response',
  'crash',
  'hang',
  'dependency-slow',
  'dependency-refuse',
] as const;
export const faultType = z.enum(FAULT_TYPES).meta({ id: 'FaultType' });
export type FaultType = z.infer<typeof faultType>;

/**
 * The least time between two deaths of a replica. Shorter than the back-off of kubelet (10 s at first), the time in which a
 * process works and hears of a halt would shrink with each death.
 */
export const DEFAULT_MIN_INTERVAL_MS = 15_000;
const percentage = z.number().min(0).max(100);
const milliseconds = z.int().min(0).max(60_000);

export const faultMatch = z
  .strictObject({
    method: keptText(10).optional(),
    route: keptText(200).optional().describe('A route template, such as /api/orders/:id.'),
    item_id: itemId.optional().describe('Orders that contain this item.'),
    order_id: orderId.optional(),
    header: z.strictObject({ name: keptText(100), value: keptText(200) }).optional(),
  })
  .meta({ id: 'FaultMatch' });
export type FaultMatch = z.infer<typeof faultMatch>;

export const faultParams = z
  .strictObject({
    latency_ms: milliseconds.optional(),
    latency_max_ms: milliseconds.optional().describe('With latency_ms: a delay drawn from this range.'),
    pattern_ms: z.array(milliseconds).min(1).max(20).optional().describe('Delays, taken in turn over all replicas.'),
    status: z.int().min(400).max(599).optional(),
    hang_ms: milliseconds.optional().describe('How long the process stands still.'),
    min_interval_ms: milliseconds
      .optional()
      .describe(`A process younger than this does not die; ${DEFAULT_MIN_INTERVAL_MS} unless set.`),
    dependency: z.enum(['postgres', 'redis']).optional(),
  })
  .meta({ id: 'FaultParams' });
export type FaultParams = z.infer<typeof faultParams>;

/** The body of an operator's request to arm a fault. */
export const armFaultBody = z
  .strictObject({
    service: serviceName,
    point: z.string().min(1).max(64).describe('One of GET /api/admin/chaos/failpoints.'),
    type: faultType,
    match: faultMatch.default({}),
    percentage: percentage.default(100),
    every_nth: z.int().min(1).max(1000).optional().describe('Fire at every Nth match, counted over all replicas.'),
    params: faultParams.default({}),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .optional()
      .describe('The same seed hits the same orders, on one replica or ten.'),
    max_hits: z.int().min(1).max(MAX_FAULT_HITS).optional().describe('Stop after this many hits over all replicas.'),
    ttl_seconds: z.int().min(1).max(MAX_FAULT_SECONDS).default(DEFAULT_FAULT_SECONDS),
    created_by: writtenText(100).default('operator'),
    reason: writtenText(500).default('not given'),
  })
  .meta({ id: 'ArmFault' });
export type ArmFaultBody = z.infer<typeof armFaultBody>;

export const fault = armFaultBody
  .omit({ ttl_seconds: true })
  .extend({
    id: z.string(),
    seed: z.int(),
    created_at: z.iso.datetime({ offset: true }),
    expires_at: z.iso.datetime({ offset: true }),
    preset: z.string().optional().describe('Set when the simple API made this fault.'),
  })
  .meta({ id: 'Fault' });
export type Fault = z.infer<typeof fault>;

export const faultAnswer = z.object({ fault }).meta({ id: 'FaultAnswer' });
export const faultList = z.object({ items: z.array(fault) }).meta({ id: 'FaultList' });

/** A fired fault on the timeline of the order it hit: the `data` of a `chaos.fault_fired` event. */
export const chaosMark = z.object({
  fault_id: z.string(),
  type: faultType,
  point: z.string(),
  service: serviceName,
  replica: z.string(),
});
export type ChaosMark = z.infer<typeof chaosMark>;

const rate = z.number().min(0).max(1).default(0);

/** The simple API: `POST /api/admin/chaos`. */
export const simpleChaosBody = z
  .strictObject({
    latency: z.boolean().default(false),
    latency_ms: milliseconds.default(5000),
    crash_rate: rate.describe('The share of deductions that fail with a 500 before they are decided.'),
    kill_rate: rate.describe('The share of deductions at which the process dies, at most once in 15 s per replica.'),
    partial_failure_rate: rate.describe('The share of deductions that are committed and whose answer is then lost.'),
    ttl_seconds: z.int().min(1).max(MAX_FAULT_SECONDS).default(DEFAULT_FAULT_SECONDS),
    seed: z.int().min(0).max(0xffffffff).optional(),
    created_by: writtenText(100).default('operator'),
    reason: writtenText(500).default('not given'),
  })
  .meta({ id: 'SimpleChaos' });
export type SimpleChaosBody = z.infer<typeof simpleChaosBody>;

/** What the simple API breaks: only deductions, order by order. */
export const SIMPLE_CHAOS_TARGET = {
  service: SERVICES.inventory.name,
  match: { method: 'POST', route: '/api/inventory/deduct' },
} as const;

/** The active faults of one process, as it reports them. */
export const replicaState = z
  .object({
    service: serviceName,
    replica: z.string(),
    seen_at: z.iso.datetime({ offset: true }),
    started_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        'When the process started: a later time than before proves that it died. Older versions do not send it.',
      ),
    halted: z.boolean(),
    faults: z.array(z.object({ id: z.string(), matched: z.int(), fired: z.int(), remaining_ms: z.int().min(0) })),
  })
  .meta({ id: 'ReplicaState' });
export type ReplicaState = z.infer<typeof replicaState>;

export const haltState = z
  .object({ halted: z.boolean(), by: z.string().nullable(), reason: z.string().nullable(), at: z.string().nullable() })
  .meta({ id: 'HaltState' });
export const haltAnswer = z
  .object({
    halt: haltState,
    confirmed_by: z
      .array(z.string())
      .describe('The processes that have confirmed since then that they have no fault left.'),
    not_heard: z.array(z.string()).describe('The live processes that have not confirmed yet.'),
  })
  .meta({ id: 'HaltAnswer' });
export type HaltAnswer = z.infer<typeof haltAnswer>;
export const rearmAnswer = z.object({ halt: haltState }).meta({ id: 'RearmAnswer' });
export type HaltState = z.infer<typeof haltState>;

export const chaosState = z
  .object({
    chaos: z.object({
      latency: z.boolean(),
      latency_ms: z.int(),
      crash_rate: z.number(),
      kill_rate: z.number(),
      partial_failure_rate: z.number(),
    }),
    halt: haltState,
    faults: z.array(
      fault.extend({
        matched: z.int(),
        fired: z.int(),
        remaining_ms: z.int().min(0),
        confirmed_by: z.array(z.string()),
      }),
    ),
    replicas: z.array(replicaState),
    faults_known: z
      .boolean()
      .optional()
      .describe(
        'False when Redis, which holds the faults, cannot be read: `faults` then names only those of the process that answers, and others may come back with Redis. Older versions do not send it.',
      ),
  })
  .meta({ id: 'ChaosState' });
export type ChaosState = z.infer<typeof chaosState>;

export const failpoint = z
  .object({
    service: serviceName,
    point: z.string(),
    description: z.string(),
    types: z.array(faultType),
  })
  .meta({ id: 'Failpoint' });
export type Failpoint = z.infer<typeof failpoint>;
export const failpoints = z.object({ items: z.array(failpoint) }).meta({ id: 'Failpoints' });

export const haltBody = z
  .strictObject({ by: writtenText(100).default('operator'), reason: writtenText(500) })
  .meta({ id: 'Halt' });

export const auditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime({ offset: true }),
    who: z.string(),
    principal: z
      .string()
      .nullable()
      .describe(
        '`user:` and the id of the user, or `operator-token`: then `who` is the name that was typed. Null in older rows.',
      ),
    action: z.enum([
      'arm',
      'disarm',
      'clear',
      'halt',
      'rearm',
      'redrive',
      'restock',
      'add-item',
      'change-item',
      'create-user',
      'change-user',
      'adopt',
      'change-password',
      'sign-in',
    ]),
    what: z.record(z.string(), z.unknown()),
    why: z.string(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditPage = z
  .object({ items: z.array(auditEntry), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof auditPage>;

const notOurs = 'must be a next_cursor that this path returned';

export const auditQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,19}$/, { message: notOurs, abort: true })
    // PostgreSQL reads it as bigint.
    .refine((id) => BigInt(id) < 2n ** 63n, notOurs)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AuditQuery = z.infer<typeof auditQuery>;

/** The result of a halt at one process. */
export interface HaltReport {
  name: string;
  url: string;
  /** The process has confirmed that it has no fault left. */
  confirmed: boolean;
  /** Why it is not confirmed, or a remark of the process; empty if there is none. */
  detail: string;
  /** The replicas of any service from which the process has no confirmation. */
  not_heard: string[];
}

import { z } from 'zod';
import { amountCents, currency } from './money.ts';

/** RFC 9457 problem details, the form of every error of a service. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    order_id: z.uuid().optional().describe('The order that was placed and refused.'),
    reason: z.string().optional().describe('Why that order was refused; finer than the code.'),
    currency: currency.optional(),
    total_cents: amountCents.optional().describe('What that order would have cost.'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

const dependency = z.object({
  status: z.enum(['up', 'degraded', 'down']),
  detail: z.string().nullable(),
  latency_ms: z.number().nullable(),
});

/** The body of `/health`, `/health/deep` and `/readyz`. */
export const health = z
  .object({
    status: z.enum(['up', 'degraded', 'down']),
    service: z.string(),
    version: z.string(),
    uptime_seconds: z.number(),
    checks: z.record(z.string(), dependency),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof health>;

import { z } from 'zod';

export const INVARIANTS = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'I16',
  'I17',
  'I18',
] as const;
export const invariant = z.enum(INVARIANTS).meta({ id: 'Invariant' });
export type Invariant = z.infer<typeof invariant>;

/** The body of `GET /api/integrity`: the verdict of the auditor. */
export const integrity = z
  .object({
    verdict: z.enum(['ok', 'violated', 'unknown']),
    checked_at: z.iso.datetime({ offset: true }).nullable(),
    orders_checked: z
      .int()
      .describe('Settled orders that were compared on both sides; a cancellation counts none again.'),
    lag_seconds: z.number().nullable().describe('The age of the oldest transition that is not compared yet.'),
    violations: z.array(
      z.object({
        invariant,
        subject: z.string().describe('The order or item concerned.'),
        detail: z.string(),
        found_at: z.iso.datetime({ offset: true }),
      }),
    ),
    detail: z.string().nullable().describe('Why the verdict is unknown.'),
  })
  .meta({ id: 'Integrity' });
export type Integrity = z.infer<typeof integrity>;

import type { ServiceKey } from '@valerix/system';
import type { Cut, DroppedGuards } from './cut.ts';
import type { Property } from './property.ts';

export const DEFENCE_NAMES = [
  'idempotency',
  'unique-decision',
  'retry',
  'breaker',
  'queue',
  'sweep',
  'lease',
  'tombstone',
  'owner',
  'counted-attempts',
  'halt-latch',
  'fault-lease',
  'min-interval',
  'stock-first',
  'intent',
  'look-up',
  'booked-once',
  'payment-tombstone',
  'first-decision',
  'undo-order',
] as const;
export type DefenceName = (typeof DEFENCE_NAMES)[number];

/** One defence, the fault it answers, and the property that breaks without it. */
export interface Defence {
  name: DefenceName;
  /** What it does, in a sentence. */
  what: string;
  /** `file:symbol` of each part of it. */
  where: readonly string[];
  /** What the experiment does to the system. */
  fault: string;
  /** In `gameday/experiments/defences/`. */
  experiment: string;
  property: Property;
  /** What the cuts remove, in words. */
  removed: string;
  cuts: readonly Cut[];
  guards?: DroppedGuards;
  /** Settings of the services in both runs, which make seconds do for minutes. */
  settings?: Partial<Record<ServiceKey, Record<string, string>>>;
}

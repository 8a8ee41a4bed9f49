import { randomInt } from 'node:crypto';
import type { ArmFaultBody, Fault } from '@valerix/contracts';
import { v7 as uuidv7 } from 'uuid';

export type FaultDraft = Omit<Fault, 'id' | 'seed' | 'created_at' | 'expires_at'> & Pick<ArmFaultBody, 'seed'>;

export const newSeed = (): number => randomInt(0xffffffff);

/** A fault that ends in `ttlSeconds`. Ids sort by time: faults at one point fire in that order. */
export function newFault(draft: FaultDraft, ttlSeconds: number): Fault {
  const now = Date.now();
  return {
    ...draft,
    id: uuidv7(),
    seed: draft.seed ?? newSeed(),
    created_at: new Date(now).toISOString(),
    expires_at: new Date(now + ttlSeconds * 1000).toISOString(),
  };
}

import { type Fault, keyAsSent } from '@valerix/contracts';
import type { FaultContext } from './fault-context.ts';

/**
 * A number in [0, 1) that depends only on the words: FNV-1a (Fowler, Noll, Vo; 32 bits), then the finalizer of
 * MurmurHash3 (Appleby), because FNV alone spreads the last word badly over the high bits.
 */
export function fractionOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  const text = words.join('\n');
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * The source of a fault's decisions. The fault's id is no part of it: it is new each time, and the same seed at the same place
 * must hit the same orders when an experiment runs again.
 */
export function streamOf({ seed, service, point, type }: Pick<Fault, 'seed' | 'service' | 'point' | 'type'>): string {
  return `${seed}\n${service}\n${point}\n${type}`;
}

/**
 * The name of the work in a decision; `fallback` if neither order nor key is known. Without the user's id, which is new whenever an
 * experiment runs again.
 */
export function identityOf(context: FaultContext, fallback: string): string {
  return context.order_id ?? keyAsSent(context.idempotency_key ?? fallback);
}

/** True if the fault hits this attempt. Every replica decides alike, and a higher percentage never hits less. */
export function isHit(stream: string, percentage: number, identity: string, attempt: number): boolean {
  return fractionOf(stream, identity, attempt) * 100 < percentage;
}

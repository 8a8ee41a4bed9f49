import type { Fault } from '@valerix/contracts';
import type { Redis } from '../redis.ts';
import { type ChaosKeys, COUNTER_SECONDS } from './keys.ts';

/** A number from 1: fire. `skip`: let this match pass. `exhausted`: the fault has fired `max_hits` times. */
export type Turn = number | 'skip' | 'exhausted';

export interface Turns {
  /** Counts one match of the fault, over all replicas. */
  take(fault: Fault): Promise<Turn>;
}

/** True if the fault's firings are counted over all replicas. Only then does the work wait for Redis. */
export function isCounted({ every_nth, max_hits, params }: Fault): boolean {
  return every_nth !== undefined || max_hits !== undefined || params.pattern_ms !== undefined;
}

// One script counts both: two replicas never get the same turn.
const TAKE = `
local matched = redis.call('HINCRBY', KEYS[1], 'matched', 1)
if matched == 1 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
if matched % tonumber(ARGV[1]) ~= 0 then return 0 end
local fired = redis.call('HINCRBY', KEYS[1], 'fired', 1)
if tonumber(ARGV[2]) > 0 and fired > tonumber(ARGV[2]) then return -1 end
return fired`;

/** Turns, counted in Redis. Without Redis, counted faults do not fire. */
export function createTurns(redis: Redis, keys: Pick<ChaosKeys, 'turns'>): Turns {
  return {
    async take({ id, every_nth = 1, max_hits = 0 }) {
      const name = `${keys.turns}${id}`;
      const turn = await redis.eval(TAKE, 1, name, every_nth, max_hits, COUNTER_SECONDS).catch(() => 0);
      if (turn === -1) return 'exhausted';
      return typeof turn === 'number' && turn > 0 ? turn : 'skip';
    },
  };
}

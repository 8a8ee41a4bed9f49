import { type Fault, fault as faultSchema, type HaltState, haltState, readLine } from '@valerix/contracts';
import type { Redis } from '../redis.ts';
import type { Counts } from './injector.ts';
import { type ChaosKeys, COUNTER_SECONDS } from './keys.ts';

/** The faults and the latch in Redis at one moment. */
export interface Snapshot {
  /** The last halt or re-arming. */
  halt: HaltState | undefined;
  faults: { fault: Fault; remainingMs: number; matched: number; fired: number }[];
}

export interface Change {
  /** The ids of the faults to end, or `all`. */
  remove?: readonly string[] | 'all';
  add?: readonly { fault: Fault; ttlMs: number }[];
}

// Also removes the ids of faults that have expired.
const SNAPSHOT = `
local out = { redis.call('GET', KEYS[2]) or '' }
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local fault = redis.call('GET', ARGV[1] .. id)
  if fault then
    local counts = redis.call('HMGET', ARGV[2] .. id, 'matched', 'fired')
    table.insert(out, { fault, redis.call('PTTL', ARGV[1] .. id), counts[1] or '0', counts[2] or '0' })
  else
    redis.call('SREM', KEYS[1], id)
  end
end
return out`;

// One script: no replica sees half a change, and no fault is armed at the moment of a halt.
const CHANGE = `
local change = cjson.decode(ARGV[1])
local known = redis.call('GET', KEYS[2])
if #change.add > 0 and known and cjson.decode(known).halted then return 'halted' end
if #change.latch > 0 then
  if known and cjson.decode(known).at >= cjson.decode(change.latch).at then return 'done' end
  redis.call('SET', KEYS[2], change.latch)
end
local ids = change.remove
if change.all then ids = redis.call('SMEMBERS', KEYS[1]) end
for _, id in ipairs(ids) do
  local fault = change.before and redis.call('GET', ARGV[2] .. id)
  if not fault or cjson.decode(fault).created_at < change.before then
    redis.call('DEL', ARGV[2] .. id)
    redis.call('SREM', KEYS[1], id)
  end
end
for _, new in ipairs(change.add) do
  redis.call('SET', ARGV[2] .. new.id, new.fault, 'PX', new.ttl)
  redis.call('SADD', KEYS[1], new.id)
end
redis.call('PUBLISH', ARGV[3], 'changed')
return 'done'`;

/** A halt that a later version wrote in an unreadable form still holds. */
const UNREADABLE_HALT: HaltState = { halted: true, by: null, reason: null, at: null };

export type FaultRegistry = ReturnType<typeof createFaultRegistry>;

/** The armed faults, in Redis, where they expire. Every method rejects while Redis is away. */
export function createFaultRegistry(redis: Redis, keys: ChaosKeys) {
  async function run({ remove = [], add = [] }: Change, latch = '', before?: string | null): Promise<boolean> {
    const change = {
      all: remove === 'all',
      remove: remove === 'all' ? [] : remove,
      add: add.map(({ fault, ttlMs }) => ({ id: fault.id, fault: JSON.stringify(fault), ttl: ttlMs })),
      latch,
      before: before ?? undefined,
    };
    const reply = await redis.eval(CHANGE, 2, keys.faults, keys.halt, JSON.stringify(change), keys.fault, keys.channel);
    return reply === 'done';
  }

  return {
    async snapshot(): Promise<Snapshot> {
      const reply = await redis.eval(SNAPSHOT, 2, keys.faults, keys.halt, keys.fault, keys.counts);
      const [halt, ...rows] = reply as [string, ...[string, number, string, string][]];
      const faults = rows.flatMap(([json, remainingMs, matched, fired]) => {
        // A fault that this version cannot read is not for this process.
        const fault = readLine(faultSchema, json);
        return fault ? [{ fault, remainingMs, matched: Number(matched), fired: Number(fired) }] : [];
      });
      faults.sort((a, b) => (a.fault.id < b.fault.id ? -1 : 1));
      return { halt: halt === '' ? undefined : (readLine(haltState, halt) ?? UNREADABLE_HALT), faults };
    },

    /** Ends and arms faults in one step. Returns false and changes nothing if a fault is to be armed while chaos is halted. */
    change: (change: Change) => run(change),

    /**
     * Tells every process of a halt, which ends all faults and lets none be armed, or of a re-arming. The newest one holds; an
     * older one changes nothing. A re-arming ends the faults from before it, as Redis may have missed the halt that it lifts.
     */
    async setLatch(latch: HaltState): Promise<void> {
      await run({ remove: 'all' }, JSON.stringify(latch), latch.halted ? undefined : latch.at);
    },

    async addCounts(counts: Counts): Promise<void> {
      if (counts.size === 0) return;
      const pipeline = redis.pipeline();
      for (const [id, { matched, fired }] of counts) {
        pipeline.hincrby(keys.counts + id, 'matched', matched);
        pipeline.hincrby(keys.counts + id, 'fired', fired);
        pipeline.expire(keys.counts + id, COUNTER_SECONDS);
      }
      await pipeline.exec();
    },
  };
}

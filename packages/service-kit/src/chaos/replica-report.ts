import { type HaltState, type ReplicaState, readLine, replicaState } from '@valerix/contracts';
import type { Redis } from '../redis.ts';
import type { Injector } from './injector.ts';
import type { ChaosKeys } from './keys.ts';

/** A replica that sent no report for this long counts as gone, milliseconds. */
const REPORT_TTL_MS = 3_000;

const READ = `
local out = {}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local report = redis.call('GET', ARGV[1] .. name)
  if report then table.insert(out, report) else redis.call('SREM', KEYS[1], name) end
end
return out`;

const STARTED_AT = new Date(performance.timeOrigin).toISOString();

/** What this process has to report, now. */
export const reportOf = (injector: Injector, { halted }: HaltState): ReplicaState => ({
  service: injector.service,
  replica: injector.replica,
  halted,
  faults: injector.state(),
  seen_at: new Date().toISOString(),
  started_at: STARTED_AT,
});

export type ReplicaReports = ReturnType<typeof createReplicaReports>;

/** The faults that each process reports as in force. */
export function createReplicaReports(redis: Redis, keys: ChaosKeys) {
  const nameOf = ({ service, replica }: Pick<ReplicaState, 'service' | 'replica'>) => `${service}/${replica}`;
  return {
    async write(state: ReplicaState): Promise<void> {
      const name = nameOf(state);
      await redis
        .multi()
        .set(keys.replica + name, JSON.stringify(state), 'PX', REPORT_TTL_MS)
        .sadd(keys.replicas, name)
        .exec();
    },

    async remove(state: Pick<ReplicaState, 'service' | 'replica'>): Promise<void> {
      await redis.del(keys.replica + nameOf(state));
    },

    /** The reports of all live replicas, by name. */
    async read(): Promise<ReplicaState[]> {
      const reports = (await redis.eval(READ, 1, keys.replicas, keys.replica)) as string[];
      const states = reports.flatMap((report) => readLine(replicaState, report) ?? []);
      return states.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    },
  };
}

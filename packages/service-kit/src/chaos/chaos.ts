import { FAILPOINT_TABLES, type PointOf } from '@valerix/contracts';
import { declaration, type ServiceKey } from '@valerix/system';
import type { Logger } from '../logger.ts';
import type { Registry } from '../metrics.ts';
import { createBlockingRedis, createRedis } from '../redis.ts';
import { createFaultRegistry } from './fault-registry.ts';
import { createInjector } from './injector.ts';
import { chaosKeys } from './keys.ts';
import { createMarks } from './marks.ts';
import { chaosMetrics } from './metrics.ts';
import { createReplicaReports } from './replica-report.ts';
import { createChaosSync } from './sync.ts';
import { createTurns } from './turns.ts';

/** Longer than on the request path: a turn that is counted but arrives too late is a hit that never happens. */
const COMMAND_TIMEOUT_MS = 400;

export interface ChaosOptions<K extends ServiceKey> {
  /** The service whose failpoints can be armed here. */
  key: K;
  replica: string;
  redisUrl: string;
  operatorToken: string | undefined;
  registry: Registry;
  logger: Logger;
}

export type Chaos<K extends ServiceKey = ServiceKey> = ReturnType<typeof createChaos<K>>;

/**
 * The parts of chaos in one process. It has its own connections to Redis: a fault in the service's client must not keep the
 * process from hearing that the fault has ended.
 */
export function createChaos<K extends ServiceKey>({ key, ...options }: ChaosOptions<K>) {
  const service = declaration(key).name;
  const { replica, logger } = options;
  const redis = createRedis(options.redisUrl, logger, COMMAND_TIMEOUT_MS);
  const keys = chaosKeys(options.operatorToken);
  const registry = createFaultRegistry(redis, keys);
  const reports = createReplicaReports(redis, keys);
  const injector = createInjector<PointOf<K>>({
    service,
    replica,
    points: Object.keys(FAILPOINT_TABLES[key]) as PointOf<K>[],
    turns: createTurns(redis, keys),
    marks: createMarks(redis, keys),
    onFired(fault) {
      metrics.fired(fault.type);
      logger.info({ fault_id: fault.id, fault_type: fault.type, point: fault.point }, 'fault fired');
    },
    flush: () => sync.flush().catch(() => {}),
    leave: () => reports.remove({ service, replica }).catch(() => {}),
  });
  const metrics = chaosMetrics(options.registry, () => injector.inForce);
  const subscriber = createBlockingRedis(options.redisUrl, logger);
  const sync = createChaosSync({ injector, registry, reports, redis, keys, subscriber, logger });
  return { injector, registry, reports, sync };
}

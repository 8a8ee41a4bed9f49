import type { PointOf } from '@valerix/contracts';
import type { ServiceKey } from '@valerix/system';
import { Router } from 'express';
import type { ServiceConfig } from '../env.ts';
import type { HttpProcess } from '../http-process.ts';
import type { Pool } from '../postgres.ts';
import type { Redis } from '../redis.ts';
import { createChaos } from './chaos.ts';
import { CONTROL_PATH } from './control/control-routes.ts';
import { openControl } from './control/open-control.ts';
import { withPostgresFaults } from './dependency-postgres.ts';
import { withRedisFaults } from './dependency-redis.ts';
import { cutConnections, holdWhileStill, inboundFaults } from './inbound.ts';
import type { Injector } from './injector.ts';

export interface ServiceChaosOptions<K extends ServiceKey> {
  key: K;
  base: HttpProcess;
  config: ServiceConfig;
}

/** Chaos as a service uses it. `startService` loads this module, and all behind it, unless CHAOS is off. */
export function openServiceChaos<K extends ServiceKey>({ key, base, config }: ServiceChaosOptions<K>) {
  const { logger, registry } = base;
  const { REPLICA: replica, REDIS_URL: redisUrl, OPERATOR_TOKEN: operatorToken } = config;
  const chaos = createChaos({ key, replica, redisUrl, operatorToken, registry, logger });
  const common = chaos.injector as Injector as Injector<'inbound' | 'dependency.postgres' | 'dependency.redis'>;
  const control = openControl({ base, config, chaos });
  return {
    injector: chaos.injector as Injector<PointOf<K>>,
    breakablePool: (pool: Pool) => withPostgresFaults(pool, common),
    breakableRedis: (redis: Redis) => withRedisFaults(redis, common),
    /** What `createServiceApp` puts around the routes. */
    http: {
      holdWhileStill: holdWhileStill(common),
      /** True while the process stands still. */
      isStill: () => common.standstill !== undefined,
      control: Router().use(CONTROL_PATH, control.routes),
      inbound: (hitByPiece?: readonly string[]) => inboundFaults(common, hitByPiece),
      cutConnections,
    },
    /** Learns which faults are armed. */
    start: () => chaos.sync.start(),
    async stop(): Promise<void> {
      await control.stop();
      await chaos.sync.stop();
    },
  };
}

export type ChaosHttp = ReturnType<typeof openServiceChaos>['http'];

import type { ServiceConfig } from '../../env.ts';
import type { HttpProcess } from '../../http-process.ts';
import { createPool } from '../../postgres.ts';
import type { Chaos } from '../chaos.ts';
import { controlRoutes } from './control-routes.ts';
import { keepHalt } from './halt-keeper.ts';
import { createHaltStore } from './halt-store.ts';
import { createManageChaos } from './manage-chaos.ts';
import { createReadChaos } from './read-chaos.ts';

/** How many connections to its database the control of one process may hold. */
export const CONTROL_CONNECTIONS = 2;

/**
 * The control of chaos in one service. It has its own connections: neither an exhausted pool nor a fault in the pool may keep
 * an operator from ending the fault.
 */
export function openControl({ base, config, chaos }: { base: HttpProcess; config: ServiceConfig; chaos: Chaos }) {
  const { name, logger, operator } = base;
  const pool = createPool({ url: config.DATABASE_URL, service: `${name} chaos`, max: CONTROL_CONNECTIONS, logger });
  const store = createHaltStore(pool);
  const keeper = keepHalt({ store, chaos, logger, intervalMs: config.HALT_CHECK_INTERVAL_MS });
  return {
    routes: controlRoutes({
      manageChaos: createManageChaos({ store, chaos }),
      readChaos: createReadChaos({ store, chaos }),
      operator,
    }),
    async stop(): Promise<void> {
      await keeper.stop();
      await pool.end();
    },
  };
}

import { createRequire } from 'node:module';
import { SECRET_VARIABLES, SERVICES, type ServiceKey, urlVariable } from '@valerix/system';
import { readConfig as inventoryConfig } from 'inventory-service/src/config.ts';
import { startInventoryService } from 'inventory-service/src/start-inventory-service.ts';
import { readConfig as orderConfig } from 'order-service/src/config.ts';
import { startOrderService } from 'order-service/src/start-order-service.ts';
import { readConfig as paymentConfig } from 'payment-service/src/config.ts';
import { startPaymentService } from 'payment-service/src/start-payment-service.ts';
import { readConfig as providerConfig } from 'provider-simulator/src/config.ts';
import { startProviderSimulator } from 'provider-simulator/src/start-provider-simulator.ts';
import { Agent, Dispatcher, setGlobalDispatcher } from 'undici';
import { type Process, presentWorld } from './world/world.ts';

/** The services on an order's way. */
export const SIMULATED = ['inventory', 'provider', 'payment', 'order'] as const satisfies readonly ServiceKey[];
export type SimulatedKey = (typeof SIMULATED)[number];

/** How many processes of each service there are. */
const REPLICAS: Readonly<Record<SimulatedKey, number>> = { inventory: 2, provider: 1, payment: 1, order: 2 };

export const OPERATOR_TOKEN = 'the-operator-of-the-simulation';
const HOUR_MS = '3600000';

/** Waits are shorter than in production, and what only watches is rare: a run is seconds of the world's time. */
const SETTINGS: Readonly<Record<SimulatedKey, Record<string, string>>> = {
  inventory: { STOCK_METRIC_INTERVAL_MS: HOUR_MS },
  provider: {
    SLOW_MS: '1500',
    LATE_MS: '400',
    WEBHOOK_DELAY_MS: '800',
    WEBHOOK_PERCENTAGE: '50',
    SEND_INTERVAL_MS: '700',
  },
  payment: { PROVIDER_TIMEOUT_MS: '1000', RECONCILE_INTERVAL_MS: '3000', RECONCILE_GRACE_MS: '4000' },
  order: {
    LEASE_MS: '4000',
    PAYMENT_WINDOW_MS: '6000',
    BACKOFF_CAP_MS: '2000',
    QUEUE_METRIC_INTERVAL_MS: HOUR_MS,
    BACKUP_METRIC_INTERVAL_MS: HOUR_MS,
    AUDIT_INTERVAL_MS: '2000',
  },
};

/** The names of a service's processes. */
export const replicasOf = (key: SimulatedKey): string[] =>
  Array.from({ length: REPLICAS[key] }, (_, n) => `${key}-${n + 1}`);

export const portOf = (key: SimulatedKey): number => SERVICES[key].port;
export const databaseAddress = (key: SimulatedKey): string => `db-${key}:5432`;
export const databaseUrl = (key: SimulatedKey): string => `postgres://postgres@${databaseAddress(key)}/postgres`;

function envOf(key: SimulatedKey, name: string, settings: Record<string, string>): Record<string, string> {
  const secrets = Object.fromEntries(SECRET_VARIABLES.map((variable) => [variable, `the-secret-of-${variable}`]));
  const urls = Object.fromEntries(SIMULATED.map((of) => [urlVariable(of), `http://${of}:${portOf(of)}`]));
  return {
    ...secrets,
    ...urls,
    REPLICA: name,
    DATABASE_URL: databaseUrl(key),
    REDIS_URL: 'redis://redis:6379',
    OPERATOR_TOKEN,
    LOG_LEVEL: 'silent',
    CHAOS: 'off',
    ...SETTINGS[key],
    ...settings,
  };
}

/**
 * Starts a process of a service, by the service's own composition. To be called inside that process; resolves when it is ready.
 * @param settings beside those of every run
 */
export function startService(key: SimulatedKey, name: string, settings: Record<string, string> = {}): Promise<void> {
  const env = envOf(key, name, settings);
  switch (key) {
    case 'inventory':
      return startInventoryService(inventoryConfig(env));
    case 'provider':
      return startProviderSimulator(providerConfig(env));
    case 'payment':
      return startPaymentService(paymentConfig(env));
    case 'order':
      return startOrderService(orderConfig(env));
  }
}

/** undici's `request` keeps its connections per thread; here each process has its own, which die with it. */
class PerProcess extends Dispatcher {
  readonly #agents = new WeakMap<Process, Agent>();

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const process = presentWorld()?.process;
    if (!process) throw new Error('a request outside every process');
    let agent = this.#agents.get(process);
    if (!agent) {
      agent = new Agent();
      this.#agents.set(process, agent);
    }
    return agent.dispatch(options as Agent.DispatchOptions, handler);
  }
}

const undiciTimers = createRequire(import.meta.url)('undici/lib/util/timers.js') as { reset(): void };

/** Forgets what undici remembers of an earlier world. */
export function prepareRequests(): void {
  undiciTimers.reset();
  setGlobalDispatcher(new PerProcess());
}

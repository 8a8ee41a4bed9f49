import type { HaltReport } from '@valerix/contracts';
import { createFaultRegistry } from '@valerix/service-kit/chaos/fault-registry';
import { type ChaosKeys, chaosKeys } from '@valerix/service-kit/chaos/keys';
import { NEVER_HALTED, nextLatch } from '@valerix/service-kit/chaos/latch';
import { haltEverywhere } from '@valerix/service-kit/halt-everywhere';
import { declaration, SERVICE_KEYS, urlVariable } from '@valerix/system';
import { Redis } from 'ioredis';
import type { LocalConfig } from '../config.ts';
import { explain } from './explain.ts';
import { addressesOf, type SystemEnv, userName } from './operator.ts';
import { table } from './table.ts';

/** A process that was just killed restarts within 5 s; the others forget it after 3 s. */
const LIMIT_MS = 8_000;
const REDIS_LIMIT_MS = 1_000;

/** Ends all faults of the local stack. */
export const halt = (config: LocalConfig): Promise<number> => haltSystem(addressesOf(config.home));

/**
 * Ends all faults of a system, however much of it is broken: calls each service and writes the halt into Redis, all at once.
 * Prints a line for each. @returns 0 when every process has confirmed it, else 1
 */
export async function haltSystem(env: SystemEnv, reason = 'halted from a terminal'): Promise<number> {
  const by = userName();
  const targets = SERVICE_KEYS.flatMap((key) =>
    (env[urlVariable(key)]?.split(',') ?? []).map((url) => ({ name: declaration(key).name, url })),
  );
  const [reports, redis] = await Promise.all([
    haltEverywhere(targets, { token: env.OPERATOR_TOKEN ?? '', by, reason, limitMs: LIMIT_MS }),
    env.REDIS_URL ? tellRedis(env.REDIS_URL, chaosKeys(env.OPERATOR_TOKEN), by, reason) : 'its address is not known',
  ]);
  const rows = reports.map((report) => [report.name, report.url, inWords(report)]);
  console.log(table(['PROCESS', 'ADDRESS', 'HALT'], [...rows, ['redis', hostOf(env.REDIS_URL), redis ?? 'told']]));
  if (reports.every(({ confirmed, not_heard }) => confirmed && not_heard.length === 0)) return 0;
  console.error('Not every process has confirmed. One that was not told learns of the halt when it runs again.');
  return 1;
}

const inWords = ({ confirmed, detail }: HaltReport): string =>
  confirmed ? `confirmed${detail && `; ${detail}`}` : `could not be told: ${detail}`;

const hostOf = (url: string | undefined): string => (url === undefined ? '-' : new URL(url).host);

/** Undefined once Redis has the halt; otherwise why it has not. */
async function tellRedis(url: string, keys: ChaosKeys, by: string, reason: string): Promise<string | undefined> {
  const redis = new Redis(url, {
    retryStrategy: () => null,
    connectTimeout: REDIS_LIMIT_MS,
    commandTimeout: REDIS_LIMIT_MS,
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  try {
    await createFaultRegistry(redis, keys).setLatch(nextLatch(NEVER_HALTED, { halted: true, by, reason }));
    return undefined;
  } catch (error) {
    return `could not be told: ${explain(cause ?? error)}`;
  } finally {
    redis.disconnect();
  }
}

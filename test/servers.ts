import { startServers } from '@valerix/local-stack';
import { migratedTemplate } from '@valerix/local-stack/testing';
import { SERVICE_KEYS } from '@valerix/system';
import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The database `postgres` of the run's server: the base of `freshDatabase`. */
    postgresUrl: string;
    /** Database 0 of the run's Redis: the base of `freshRedis`. */
    redisUrl: string;
  }
}

/** One PostgreSQL and one Redis for all component tests of a run, with a migrated template per service. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await startServers();
  try {
    await Promise.all([...SERVICE_KEYS.map((key) => migratedTemplate(servers, key)), forbidFlushAll(servers.redisUrl)]);
  } catch (error) {
    await servers.stop();
    throw error;
  }
  project.provide('postgresUrl', servers.postgresUrl('postgres'));
  project.provide('redisUrl', servers.redisUrl);
  return () => servers.stop();
}

/** Test files run side by side, each in its own database number: FLUSHALL would wipe all of them. */
async function forbidFlushAll(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.acl('SETUSER', 'default', '-flushall').finally(() => redis.disconnect());
}

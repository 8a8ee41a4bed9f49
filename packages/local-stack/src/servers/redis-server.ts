import { Redis } from 'ioredis';
import { parentEnv } from '../config.ts';
import type { Home } from '../home/home.ts';
import { SupervisedProcess, type SupervisionOptions } from './supervised-process.ts';

/**
 * A Redis, not started yet, with its append-only file in the home. A crash loses at most the last second of writes.
 * It listens on the loopback address only.
 */
export function redisServer(program: string, home: Home, port: number, options: SupervisionOptions): SupervisedProcess {
  const command = [
    program,
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', home.redis],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
    // Replays expire after a day and are the first keys evicted (I13). As in k8s/base/redis/redis.conf.
    ...['--maxmemory', '256mb', '--maxmemory-policy', 'volatile-lru'],
    // Each component test file takes its own database number.
    ...['--databases', '512', '--daemonize', 'no', '--loglevel', 'notice'],
  ];
  const probe = () => answersPing(redisUrl(port));
  return new SupervisedProcess({ name: 'redis', command, cwd: home.redis, env: parentEnv(), port, probe }, options);
}

export const redisUrl = (port: number): string => `redis://127.0.0.1:${port}`;

/** True when a Redis answers at `url` and has loaded its data. */
export async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 });
  // Without a listener, ioredis prints a refused connection as unhandled.
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

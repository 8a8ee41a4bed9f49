import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { Redis } from 'ioredis';
import type { Machine } from './result.ts';
import type { BenchStack } from './system/bench-stack.ts';

/** The machine on which the bench runs. */
export async function describeMachine({ orders, stack }: BenchStack): Promise<Machine> {
  const setting = async (name: string) => (await orders.query(`SHOW ${name}`)).rows[0][name] as string;
  const durability = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];
  const redis = new Redis(stack.redisUrl);
  const info = await redis.info('server');
  redis.disconnect();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    postgres: await setting('server_version'),
    redis: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    durability: (await Promise.all(durability.map(async (name) => `${name} = ${await setting(name)}`))).join(', '),
  };
}

export function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

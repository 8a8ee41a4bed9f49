import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { findTool } from '@valerix/local-stack/machine/tools';
import { freshRedis } from '@valerix/local-stack/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { FaultyNetwork } from '../../../gameday/src/targets/faulty-network.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { redisCheck } from '../src/health.ts';
import { createLogger } from '../src/logger.ts';
import { createRedis, type Redis } from '../src/redis.ts';

let network: FaultyNetwork;
let redis: Redis;

beforeEach(async () => {
  const url = new URL(await freshRedis(inject('redisUrl')));
  network = new FaultyNetwork(1);
  await network.listen();
  network.leadTo([url.href]);
  url.port = String(network.port);
  redis = createRedis(url.href, createLogger({ service: 'test', replica: 'test', level: 'silent' }));
  await once(redis, 'ready');
  await redis.set('known', '1');
});
afterEach(async () => {
  redis.disconnect();
  await network.close();
});

/** Commands that the client remembers; the client does not say it publicly. */
const remembered = (): number => (redis as unknown as { commandQueue: { length: number } }).commandQueue.length;
const ask = (times: number) => Promise.allSettled(Array.from({ length: times }, () => redis.get('known')));

describe('a connection for the request path', () => {
  it('should remember no commands of a Redis that says nothing, and be of use when it speaks again', async () => {
    network.mode = { kind: 'swallow', percent: 100 };
    do await ask(100);
    while (redis.status === 'ready');
    const answers = await ask(10_000);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    // Forgotten with the next connection, which has its greetings to remember.
    await eventually(() => expect(remembered()).toBeLessThan(10));

    network.mode = { kind: 'healthy' };
    expect(await eventually(() => redis.get('known'))).toBe('1');
    await eventually(() => expect(remembered()).toBe(0));
  });

  it('should not send a command again that it has reported as failed', async () => {
    network.mode = { kind: 'swallow', percent: 100 };
    await expect(redis.incr('known')).rejects.toThrow();
    network.mode = { kind: 'healthy' };
    expect(await eventually(() => redis.get('known'))).toBe('2');
  });
});

// A server of the test's own: what it does here would hurt the other tests.
describe('a Redis that answers and takes no writes', () => {
  it.each([
    ['a read-only replica', (own: Redis) => own.replicaof('127.0.0.1', 1), /READONLY/],
    ['one without memory', (own: Redis) => own.config('SET', 'maxmemory', '1'), /OOM/],
  ])('should not be taken for a healthy one: %s', async (_, spoil, reason) => {
    const [port] = (await reservePorts(1)) as [number];
    const server = spawn(findTool('redis') as string, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '']);
    const own = createRedis(
      `redis://127.0.0.1:${port}`,
      createLogger({ service: 'test', replica: 'test', level: 'silent' }),
    );
    const check = redisCheck(own);
    try {
      await eventually(() => check.run());
      await spoil(own);
      expect(await own.ping()).toBe('PONG');
      await expect(check.run()).rejects.toThrow(reason);
    } finally {
      own.disconnect();
      server.kill('SIGKILL');
      await once(server, 'exit');
      releasePorts([port]);
    }
  });
});

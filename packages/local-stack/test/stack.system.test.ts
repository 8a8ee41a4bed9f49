import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Stack, startServers, startStack } from '../src/index.ts';
import { processIdentity } from '../src/machine/process-identity.ts';
import { freshDatabase, freshRedis } from '../src/testing.ts';

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

describe('startServers', () => {
  it('a committed row survives an immediate stop, and stop leaves neither process nor folder', async () => {
    const servers = await startServers();
    const url = await servers.createDatabase('one');
    await ask(url, 'CREATE TABLE t AS SELECT 42 AS n');
    await servers.postgres.stop('immediate');
    await expect(ask(url, 'SELECT 1')).rejects.toThrow();
    await servers.postgres.start();
    // Once more is no error: it runs.
    await servers.postgres.start();
    expect(await ask(url, 'SELECT n FROM t')).toEqual([{ n: 42 }]);
    const settings = await ask<{ setting: string }>(
      url,
      `SELECT setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'max_connections') ORDER BY name`,
    );
    expect(settings.map(({ setting }) => setting)).toEqual(['on', '200', 'on']);

    const pids = [servers.postgres.pid, servers.redis.pid];
    // What others keep there, such as the laboratory its reports, goes with it.
    mkdirSync(join(servers.home, 'gameday'));
    await servers.stop();
    expect(pids.map((pid) => pid && processIdentity(pid))).toEqual([undefined, undefined]);
    expect(existsSync(servers.home)).toBe(false);
  });

  it('two at once do not meet; copies of a template and Redis databases are separate', async () => {
    const [one, two] = await Promise.all([startServers(), startServers()]);
    try {
      expect(one.redisUrl).not.toBe(two.redisUrl);
      await ask(await one.createDatabase('x_template'), 'CREATE TABLE t (n int)');
      const copies = await Promise.all([1, 2, 3].map(() => freshDatabase(one.postgresUrl('postgres'), 'x_template')));
      await ask(copies[0]?.url ?? '', 'INSERT INTO t VALUES (1)');
      expect(await ask(copies[1]?.url ?? '', 'SELECT * FROM t')).toEqual([]);
      const numbers = await Promise.all([1, 2, 3].map(() => freshRedis(one.redisUrl)));
      expect(new Set(numbers).size).toBe(3);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});

it('what a killed test run left is cleared by the next one', async () => {
  const run = spawn(process.execPath, [join(import.meta.dirname, 'servers-forever.ts')]);
  const [line] = (await once(run.stdout, 'data')) as [Buffer];
  const { home, pids } = JSON.parse(line.toString()) as { home: string; pids: number[] };
  mkdirSync(join(home, 'gameday'));
  run.kill('SIGKILL');
  await once(run, 'exit');
  expect(pids.every((pid) => processIdentity(pid))).toBe(true);

  await (await startServers()).stop();
  expect(pids.map((pid) => processIdentity(pid))).toEqual([undefined, undefined]);
  expect(existsSync(home)).toBe(false);
});

describe('startStack', () => {
  let stack: Stack;
  const notices: string[] = [];
  beforeAll(async () => {
    stack = await startStack({
      replicas: { order: 2 },
      env: { order: { LOG_LEVEL: 'debug' } },
      onNotice: (name, text) => void notices.push(`${name}: ${text}`),
    });
  });
  afterAll(() => stack?.stop());

  const status = async (url = '', path = '/readyz'): Promise<number> => {
    const answer = await fetch(`${url}${path}`);
    await answer.text();
    return answer.status;
  };

  it('runs the replicas asked for, each on a port of its own', async () => {
    expect(stack.services.order.urls).toHaveLength(2);
    expect(stack.services.inventory.urls).toHaveLength(1);
    expect(
      await Promise.all([...stack.services.order.urls, ...stack.services.inventory.urls].map((url) => status(url))),
    ).toEqual([200, 200, 200]);
    expect(stack.logs('order-service-2')).toContain('listening');
  });

  it('a killed process comes back by itself; one held down stays down until it is started', async () => {
    const order = stack.process('order-service-2');
    const old = order.pid;
    await order.kill('SIGKILL');
    await order.untilReady();
    expect(order.pid).not.toBe(old);

    await order.hold();
    expect(order.pid).toBeUndefined();
    await expect(fetch(`${order.url}/readyz`)).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(order.pid).toBeUndefined();
    await order.start();
    expect(await status(order.url)).toBe(200);
  });

  it('a halted process answers again after SIGCONT', async () => {
    const inventory = stack.process('inventory-service');
    await inventory.kill('SIGSTOP');
    await expect(fetch(`${inventory.url}/livez`, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
    await inventory.kill('SIGCONT');
    expect(await status(inventory.url, '/livez')).toBe(200);
  });

  it('PostgreSQL and Redis can be taken away and given back', async () => {
    await stack.postgres.stop('immediate');
    expect(stack.postgres.pid).toBeUndefined();
    await stack.postgres.start();
    await stack.redis.hold();
    await stack.redis.start();
    await stack.process('order-service').untilReady();
  });

  it('PostgreSQL that is started is not taken for dead while it starts, and one that died is started once', async () => {
    for (let times = 0; times < 5; times++) {
      await stack.postgres.stop('immediate');
      await stack.postgres.start();
    }
    expect(notices.filter((notice) => /^postgres: (died|restarting)/.test(notice))).toEqual([]);

    process.kill(stack.postgres.pid as number, 'SIGKILL');
    await vi.waitFor(() => expect(notices).toContain('postgres: restarting in 0.5 s'), 15_000);
    await stack.postgres.start();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(notices.filter((notice) => /did not start|restarting in 1 s/.test(notice))).toEqual([]);
  });

  it('an unknown process name is an error that names the known ones', () => {
    expect(() => stack.process('nobody')).toThrow(/inventory-service, .*order-service, order-service-2, .*redis/);
  });

  it('stop leaves no process and no folder', async () => {
    const names = ['order-service', 'order-service-2', 'inventory-service', 'redis'];
    const pids = [...names.map((name) => stack.process(name).pid), stack.postgres.pid];
    await stack.stop();
    expect(pids.map((pid) => pid && processIdentity(pid))).toEqual(pids.map(() => undefined));
    expect(existsSync(stack.home)).toBe(false);
  });
});

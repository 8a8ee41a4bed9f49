import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declaration, MANDATORY_KEYS, perService, recordOf } from '@valerix/system';
import { expect, it } from 'vitest';
import { duration, table } from '../src/commands/table.ts';
import { STACK_SECRETS } from '../src/config.ts';
import { Disk } from '../src/home/disk.ts';
import { readEnvFile, writeEnvFile } from '../src/home/env-file.ts';
import { createHome } from '../src/home/home.ts';
import { LogFile } from '../src/home/log-file.ts';
import { HEALTHY_AFTER_MS, restartDelayMs } from '../src/servers/backoff.ts';
import { outsideUrls, planStack, serviceEnv } from '../src/stack/stack-plan.ts';

const ports = {
  ...perService((key) => declaration(key).port),
  dashboard: 3000,
  laboratory: 3003,
  postgres: 5433,
  redis: 6380,
};
const secrets = recordOf(STACK_SECRETS, (name) => `secret ${name}`);
const plan = (options = {}) => planStack({ ports, ...options }, 'pw', secrets);

it('the services are told their port, their database, Redis, their secrets, and order-service where inventory is', async () => {
  const { processes, ...rest } = await plan();
  const order = processes.find(({ name }) => name === 'order-service');
  if (!order) throw new Error('no order-service in the plan');
  expect(
    serviceEnv({ processes, ...rest }, order, { LOG_LEVEL: 'debug', NODE_ENV: 'test' }, { LEASE_MS: '9' }),
  ).toEqual({
    LOG_LEVEL: 'debug',
    REPLICA: 'order-service',
    PORT: '3001',
    HOST: '127.0.0.1',
    DATABASE_URL: 'postgres://valerix:pw@127.0.0.1:5433/order_db',
    REDIS_URL: 'redis://127.0.0.1:6380',
    INVENTORY_URL: 'http://127.0.0.1:3002',
    PAYMENT_URL: 'http://127.0.0.1:3005',
    IDENTITY_URL: 'http://127.0.0.1:3004',
    OPERATOR_TOKEN: 'secret OPERATOR_TOKEN',
    ORDER_TOKEN_SECRET: 'secret ORDER_TOKEN_SECRET',
    ORDER_TO_INVENTORY_CREDENTIAL: 'secret ORDER_TO_INVENTORY_CREDENTIAL',
    ORDER_TO_PAYMENT_CREDENTIAL: 'secret ORDER_TO_PAYMENT_CREDENTIAL',
    LEASE_MS: '9',
  });
});

it('replicas get ports of their own, and each order-service another inventory-service', async () => {
  const planned = await plan({ services: ['inventory', 'order'], replicas: { order: 2, inventory: 2 } });
  expect(planned.processes.map(({ name }) => name)).toEqual([
    'inventory-service',
    'inventory-service-2',
    'order-service',
    'order-service-2',
  ]);
  expect(new Set(planned.processes.map(({ port }) => port)).size).toBe(4);
  const urls = planned.processes.slice(2).map((process) => serviceEnv(planned, process, {}).INVENTORY_URL);
  expect(new Set(urls).size).toBe(2);
  planned.release();
});

it('nobody is told of an optional service that is not asked for', async () => {
  const planned = await plan({ services: MANDATORY_KEYS });
  const [order] = planned.processes.filter(({ name }) => name === 'order-service');
  expect(order && serviceEnv(planned, order, {}).PAYMENT_URL).toBeUndefined();
  expect(Object.keys(planned.env).filter((name) => /^(PAYMENT|PROVIDER)_(DATABASE_)?URL$/.test(name))).toEqual([]);
  expect(planned.env.IDENTITY_DATABASE_URL).toContain('/identity_db');
});

it('a service whose address is given is not started, and the others are told that address', async () => {
  const planned = await plan({ services: ['inventory', 'order'], given: { INVENTORY_URL: 'http://elsewhere:1' } });
  expect(planned.processes.map(({ name }) => name)).toEqual(['order-service']);
  expect(planned.skipped).toEqual(['inventory-service is not started: INVENTORY_URL says to use http://elsewhere:1.']);
  expect(planned.env.INVENTORY_URL).toBe('http://elsewhere:1');
});

it('without a laboratory nobody is told of one; with it, it keeps its runs in the folder of the stack', async () => {
  expect((await plan()).env).not.toHaveProperty('LABORATORY_URL');
  expect((await plan({ given: { LABORATORY_URL: 'http://elsewhere:1' } })).env.LABORATORY_URL).toBe(
    'http://elsewhere:1',
  );
  const planned = await plan({ services: [], companions: ['dashboard', 'laboratory'], home: '/some/home' });
  const [frontend, laboratory] = planned.processes.map((process) => serviceEnv(planned, process, {}));
  expect(frontend?.LABORATORY_URL).toBe('http://127.0.0.1:3003');
  expect(laboratory).toEqual({
    REPLICA: 'laboratory',
    PORT: '3003',
    HOST: '127.0.0.1',
    IDENTITY_URL: 'http://127.0.0.1:3004',
    VALERIX_HOME: '/some/home',
    OPERATOR_TOKEN: 'secret OPERATOR_TOKEN',
  });
});

it("the stack's own addresses, sourced from .valerix/env, do not count as given", async () => {
  const { env } = await plan();
  expect(outsideUrls({ ORDER_URL: env.ORDER_URL, REDIS_URL: 'redis://other' }, env)).toEqual({
    REDIS_URL: 'redis://other',
  });
});

it('restarts wait half a second, doubling up to five', () => {
  expect([0, 1, 2, 3, 4, 50].map(restartDelayMs)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(HEALTHY_AFTER_MS).toBe(10_000);
});

it('.valerix/env can be read by its owner only, and read back', async () => {
  const home = createHome(mkdtempSync(join(tmpdir(), 'valerix-test-')));
  const { env } = await plan();
  writeEnvFile(home, env);
  expect(statSync(home.envFile).mode & 0o777).toBe(0o600);
  expect(readEnvFile(home)).toEqual(env);
  rmSync(home.path, { recursive: true });
});

it('.valerix/env says the same to a shell that sources it, whatever the values are', async () => {
  const home = createHome(mkdtempSync(join(tmpdir(), 'valerix-test-')));
  const { env } = await plan();
  const ORDER_DATABASE_URL = 'postgres://me:p$w@db/orders?sslmode=disable&application_name=me';
  const OPERATOR_TOKEN = `it's "my" own token; $HOME #1`;
  writeEnvFile(home, { ...env, ORDER_DATABASE_URL, OPERATOR_TOKEN });
  const script = '. "$1"; printf "%s\\n" "$ORDER_URL" "$ORDER_DATABASE_URL" "$OPERATOR_TOKEN"';
  const { stdout } = spawnSync('sh', ['-c', script, 'sh', home.envFile], { encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n')).toEqual([env.ORDER_URL, ORDER_DATABASE_URL, OPERATOR_TOKEN]);
  expect(readEnvFile(home)).toEqual({ ...env, ORDER_DATABASE_URL, OPERATOR_TOKEN });
  rmSync(home.path, { recursive: true });
});

it.each(["it's", "'", `"`, 'two words', '$HOME', '# no comment', 'a\\', '`id`', 'a=b', '', `\\'"$(id)'' #`])(
  '.valerix/env gives back %j, to a shell and to us',
  async (OPERATOR_TOKEN) => {
    const home = createHome(mkdtempSync(join(tmpdir(), 'valerix-test-')));
    writeEnvFile(home, { ...(await plan()).env, OPERATOR_TOKEN });
    const script = '. "$1"; printf "%s" "$OPERATOR_TOKEN"';
    const { stdout } = spawnSync('sh', ['-c', script, 'sh', home.envFile], { encoding: 'utf8' });
    expect(stdout).toBe(OPERATOR_TOKEN);
    expect(readEnvFile(home).OPERATOR_TOKEN).toBe(OPERATOR_TOKEN);
    rmSync(home.path, { recursive: true });
  },
);

it('a log file keeps one predecessor and stays below its bound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-test-'));
  const path = join(folder, 'x.log');
  const log = new LogFile(path, new Disk());
  const megabyte = Buffer.alloc(1024 * 1024, 'a');
  for (let n = 0; n < 25; n += 1) log.write(megabyte);
  log.write(Buffer.from('the end\n'));
  log.close();
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(21 * 1024 * 1024);
  expect(readFileSync(path, 'utf8')).toMatch(/the end\n$/);
  rmSync(folder, { recursive: true });
});

it('a table has columns as wide as their cells', () => {
  expect(table(['A', 'LONG'], [['word', 'x']])).toBe('A     LONG\nword  x');
});

it.each([
  [4_000, '4 s'],
  [125_000, '2 min 5 s'],
  [7_380_000, '2 h 3 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms is %s', (lengthMs, text) => {
  expect(duration(lengthMs)).toBe(text);
});

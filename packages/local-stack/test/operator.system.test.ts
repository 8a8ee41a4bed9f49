import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SERVICE_KEYS } from '@valerix/system';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chaosClient } from '../../../test/support/chaos-client.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { ask } from '../../../test/support/http.ts';
import { RunningCommand } from '../../../test/support/running-command.ts';
import { type Stack, startStack } from '../src/index.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

const urlOf = (key: 'order' | 'inventory') => stack.services[key].urls[0] as string;
const client = () => chaosClient(stack, urlOf('order'));
const cli = join(import.meta.dirname, '../src/cli.ts');
const gameday = join(import.meta.dirname, '../../../gameday/src/cli.ts');

async function run(script: string, ...args: string[]) {
  const command = new RunningCommand(script, args, { ...process.env, VALERIX_HOME: stack.home });
  return { code: await command.exit, output: command.output };
}

/** The line that the command printed about a process. */
const lineOf = (output: string, name: string) => output.split('\n').find((line) => line.startsWith(name));

async function faultsAt(key: 'order' | 'inventory'): Promise<number> {
  const { text } = await ask(`${urlOf(key)}/metrics`);
  return (text.match(/^chaos_enabled\{.*\} [1-9]\d*$/gm) ?? []).length;
}

/** A fault in each service. */
beforeEach(async () => {
  await eventually(() => client().rearm('a test starts'), 20_000);
  for (const service of ['order-service', 'inventory-service'] as const) {
    await eventually(() => client().arm({ service, point: 'inbound', type: 'latency', params: { latency_ms: 1 } }));
  }
  await eventually(async () => expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([1, 1]));
});

it.each([
  ['local-stack', cli],
  ['gameday', gameday],
])('halt of %s ends the faults of every process, and ends with 0', async (_, script) => {
  const { code, output } = await run(script, 'halt');
  expect(output).toMatch(/^order-service +http\S+ +confirmed$/m);
  expect(output).toMatch(/^inventory-service +http\S+ +confirmed$/m);
  expect(output).toMatch(/^redis +\S+ +told$/m);
  expect(code).toBe(0);
  expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([0, 0]);
});

it.each([
  ['inventory', 'order'],
  ['order', 'inventory'],
] as const)('halt ends with 1 while %s-service is dead, says so, and has told the other', async (dead, other) => {
  await stack.process(`${dead}-service`).hold();
  try {
    const { code, output } = await run(cli, 'halt');
    expect(lineOf(output, `${dead}-service`)).toMatch(/could not be told: connection refused$/);
    expect(lineOf(output, `${other}-service`)).toContain('confirmed');
    expect(code).toBe(1);
    expect(await faultsAt(other)).toBe(0);
  } finally {
    await stack.process(`${dead}-service`).start();
  }
  expect(await faultsAt(dead)).toBe(0);
});

it.each(['inventory', 'order'] as const)('a %s-service that stands still has no fault once it goes on', async (key) => {
  await stack.process(`${key}-service`).kill('SIGSTOP');
  try {
    const { code, output } = await run(cli, 'halt');
    expect(lineOf(output, `${key}-service`)).toMatch(/could not be told: no answer within 8000 ms$/);
    expect(code).toBe(1);
  } finally {
    await stack.process(`${key}-service`).kill('SIGCONT');
  }
  await eventually(async () => expect(await faultsAt(key)).toBe(0));
});

it('halt ends every fault while Redis is dead, and they stay ended when it is back', async () => {
  await stack.redis.stop(0);
  try {
    const { code, output } = await run(cli, 'halt');
    expect(output.match(/confirmed/g)).toHaveLength(SERVICE_KEYS.length);
    expect(lineOf(output, 'redis')).toContain('could not be told');
    expect(code).toBe(0);
  } finally {
    await stack.redis.start();
  }
  await eventually(async () => expect((await client().state()).faults).toEqual([]));
  expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([0, 0]);
});

it('halt ends every fault while Redis stands still', async () => {
  await stack.process('redis').kill('SIGSTOP');
  try {
    const { code, output } = await run(cli, 'halt');
    expect(output.match(/confirmed/g)).toHaveLength(SERVICE_KEYS.length);
    expect(code).toBe(0);
  } finally {
    await stack.process('redis').kill('SIGCONT');
  }
});

it('halt ends every fault while PostgreSQL is down, says that this is not audited, and it is audited later', async () => {
  const halts = () => rows('SELECT count(*)::int AS n FROM operator_audit WHERE action = $1', ['halt']);
  const before = (await halts())[0]?.n as number;
  await stack.postgres.stop('immediate');
  try {
    const { code, output } = await run(cli, 'halt');
    expect(output.match(/confirmed; its database does not answer/g)).toHaveLength(SERVICE_KEYS.length);
    expect(code).toBe(0);
  } finally {
    await stack.postgres.start();
  }
  await eventually(async () => expect((await halts())[0]?.n).toBe(before + 1));
});

it('a halt of a home where nothing ever ran says so', async () => {
  const command = new RunningCommand(cli, ['halt'], { ...process.env, VALERIX_HOME: join(stack.home, 'nothing') });
  expect(await command.exit).toBe(1);
  expect(command.output).toContain('No stack has run in');
});

it('redrive requeues by condition, and refuses to guess which', async () => {
  const [one, two] = [await deadLetter('ps5'), await deadLetter('xbox')];
  expect((await run(cli, 'redrive')).output).toContain('names no condition');
  expect((await run(cli, 'redrive', '--item', 'xbox', '--reason', 'the test')).output).toBe('1 order is requeued.\n');
  expect((await run(cli, 'redrive', one)).output).toBe('1 order is requeued.\n');
  expect((await run(cli, 'redrive', '--all')).output).toBe('0 orders are requeued.\n');
  await eventually(async () => {
    for (const id of [one, two])
      expect((await ask(`${urlOf('order')}/api/orders/${id}`)).body.order.status).not.toBe('queued');
  });
  const audited = await rows("SELECT what, why FROM operator_audit WHERE action = 'redrive' ORDER BY id", []);
  expect(audited).toMatchObject([
    { what: { item_id: 'xbox', redriven: 1 }, why: 'the test' },
    { what: { order_ids: [one], redriven: 1 } },
  ]);
});

async function rows(sql: string, values: unknown[]) {
  const database = new pg.Client({ connectionString: stack.services.order.databaseUrl });
  await database.connect();
  return database
    .query(sql, values)
    .then((result) => result.rows)
    .finally(() => database.end());
}

async function deadLetter(item: string): Promise<string> {
  const id = randomUUID();
  await rows(
    `INSERT INTO orders (order_id, idempotency_key, fingerprint, status, items, attempts, dead_lettered_at, correlation_id,
       created_at, updated_at)
     VALUES ($1::uuid, $1::text, '', 'queued', $2, 20, now(), '', now(), now())`,
    [id, JSON.stringify([{ item_id: item, quantity: 1 }])],
  );
  return id;
}

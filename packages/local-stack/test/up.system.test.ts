import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { RunningCommand } from '../../../test/support/running-command.ts';
import { readRecords } from '../src/home/run-record.ts';
import { TestHome } from './cli-process.ts';

let place: TestHome;

beforeEach(async () => {
  place = await TestHome.create();
});
afterEach(() => place.clear());

const ready = 'Valerix is up';

async function placeOrder(at = place): Promise<string> {
  const answer = await fetch(`${at.addresses().ORDER_URL}/api/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ item_id: 'ps5', quantity: 1 }),
  });
  expect([201, 202]).toContain(answer.status);
  return ((await answer.json()) as { order: { order_id: string } }).order.order_id;
}

async function orderExists(id: string): Promise<boolean> {
  const answer = await fetch(`${place.addresses().ORDER_URL}/api/orders/${id}`);
  // Read to its end: a connection with an answer on it holds up a service that drains.
  await answer.text();
  return answer.status === 200;
}

const pidOf = (name: string): number => readRecords(place.home).find((record) => record.name === name)?.pid ?? 0;

describe('make up', () => {
  it('one Ctrl-C stops everything in order and leaves no process; the data is there at the next start', async () => {
    const first = place.up({ DASHBOARD_URL: '', LABORATORY_URL: '' });
    await first.says(ready);
    await first.says('dashboard sign-in: http');
    expect((await fetch(place.addresses().DASHBOARD_URL as string)).status).toBe(200);
    expect((await fetch(`${place.addresses().LABORATORY_URL}/api/experiments`)).status).toBe(200);
    const id = await placeOrder();
    const token = place.addresses().OPERATOR_TOKEN;
    expect((await place.run(['status'])).code).toBe(0);

    first.signal('SIGINT');
    expect(await first.exit).toBe(0);
    expect(first.output).toMatch(
      /order-service +\| stopped[\s\S]*inventory-service +\| stopped[\s\S]*redis[\s\S]*postgres/,
    );
    expect(place.processes()).toEqual([]);

    const startedAt = Date.now();
    const second = place.up();
    await second.says(ready);
    console.log(`second start: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    expect(await orderExists(id)).toBe(true);
    expect(place.addresses().OPERATOR_TOKEN).toBe(token);
    second.signal('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(place.processes()).toEqual([]);
  });

  it('starts again after a SIGKILL of the supervisor, and stops what that left', async () => {
    const first = place.up();
    await first.says(ready);
    const id = await placeOrder();
    first.signal('SIGKILL');
    await first.exit;
    const leftOver = place.pids();
    // PostgreSQL and Redis at least: a service ends by itself when it cannot write its log any more.
    expect(leftOver.length).toBeGreaterThanOrEqual(2);
    expect((await place.run(['status'])).output).toContain('left over');

    const second = place.up();
    await second.says(ready);
    expect(second.output).toContain('stopped what a killed start left: ');
    expect(await orderExists(id)).toBe(true);
    expect(place.pids().filter((pid) => leftOver.includes(pid))).toEqual([]);
  });

  it('make stop ends a stack of another terminal, and what a killed one left', async () => {
    const first = place.up();
    await first.says(ready);
    expect(await place.run(['stop'])).toEqual({ code: 0, output: 'Stopped.\n' });
    expect(await first.exit).toBe(0);

    const second = place.up();
    await second.says(ready);
    second.signal('SIGKILL');
    await second.exit;
    expect((await place.run(['stop'])).output).toContain('Stopped what a killed stack left');
    expect((await place.run(['status'])).output).toMatch(/^Not running\. \(/);
    expect(place.processes()).toEqual([]);
  });

  it('starts every process again that is killed, says so, and the system works', async () => {
    const stack = place.up();
    await stack.says(ready);
    for (const name of ['order-service', 'inventory-service', 'redis', 'postgres']) {
      const old = pidOf(name);
      process.kill(old, 'SIGKILL');
      await stack.says(new RegExp(`${name} +\\| (killed by SIGKILL|died)`));
      await stack.says(new RegExp(`${name} +\\| (restarted|running again)`));
      expect(pidOf(name)).not.toBe(old);
    }
    await eventually(async () => expect((await place.run(['status'])).code).toBe(0), 60_000);
    await eventually(() => placeOrder(), 60_000);
  });

  it('goes on when its run folder cannot be written, says so once, and writes it again when it can', async () => {
    const stack = place.up();
    await stack.says(ready);
    const away = `${place.home.run}-away`;
    renameSync(place.home.run, away);
    writeFileSync(place.home.run, 'a file where a folder should be');
    const old = readRecords({ ...place.home, run: away }).find(({ name }) => name === 'order-service')?.pid ?? 0;
    process.kill(old, 'SIGKILL');
    await stack.says('cannot write');
    await stack.says(/order-service +\| restarted/);
    await eventually(() => placeOrder(), 60_000);
    expect(stack.output.match(/cannot write/g)).toHaveLength(1);

    rmSync(place.home.run);
    renameSync(away, place.home.run);
    await stack.says('its files can be written again');
    expect(pidOf('order-service')).not.toBe(old);
    expect((await place.run(['status'])).code).toBe(0);
  });

  it('a service that dies while it starts is shown with its last lines, and everything is stopped', async () => {
    const stack = place.up({ LOG_LEVEL: 'not-a-level' });
    expect(await stack.exit).toBe(1);
    expect(stack.output).toContain('died while it started. Its last lines:');
    expect(stack.output).toContain('LOG_LEVEL');
    expect(place.processes()).toEqual([]);
  });

  it('a Ctrl-C while it starts leaves no process', async () => {
    for (const delayMs of [150, 400, 700]) {
      const stack = place.up();
      await stack.says('Starting');
      await sleep(delayMs);
      stack.signal('SIGINT');
      await stack.exit;
      expect(place.processes()).toEqual([]);
    }
  });

  it('a second Ctrl-C kills what does not stop', async () => {
    const stack = place.up({ NODE_OPTIONS: `--import=${join(import.meta.dirname, 'deaf-service.ts')}` });
    await stack.says(ready);
    stack.signal('SIGINT');
    await stack.says('Ctrl-C again');
    await sleep(500);
    expect(stack.output).not.toContain('order-service     | stopped');
    const startedAt = Date.now();
    stack.signal('SIGINT');
    expect(await stack.exit).toBe(0);
    // The first Ctrl-C alone would give them 15 s.
    expect(Date.now() - startedAt).toBeLessThan(12_000);
    expect(place.processes()).toEqual([]);
  });
});

describe('a running stack', () => {
  let shared: TestHome;
  let stack: RunningCommand;
  beforeAll(async () => {
    shared = await TestHome.create();
    stack = shared.up({
      PGSSLMODE: 'require',
      PGHOST: 'elsewhere.invalid',
      PGPORT: '1',
      PGUSER: 'somebody',
      PGDATABASE: 'nothing',
      PGPASSWORD: 'wrong',
      PGOPTIONS: '-c search_path=nowhere',
      PGSERVICE: 'production',
      PGPASSFILE: '/nowhere',
      PGAPPNAME: 'psql',
      DATABASE_PASSWORD: 'wrong',
      REDIS_PASSWORD: 'wrong',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: 'http://127.0.0.1:9',
      LC_ALL: 'xx_YY.nonsense',
    });
    await stack.says(ready);
  });
  afterAll(() => shared?.clear());

  it('does not mind what the shell says to other programs', async () => {
    await placeOrder(shared);
    expect((await shared.run(['status'], { PGSSLMODE: 'require' })).code).toBe(0);
  });

  it('is named by a second one on the same home, which ends with 1', async () => {
    const second = await shared.run(['up']);
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/is already running \(pid \d+, since .*"make stop" stops it/);
    expect((await shared.run(['status'])).code).toBe(0);
  });

  it('holds its ports: one that another stack needs is named with its holder, and nothing of the other is left', async () => {
    const refused = await place.run(['up'], { ORDER_PORT: shared.env.ORDER_PORT });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(`Port ${shared.env.ORDER_PORT}, needed for order-service, is held by pid`);
    expect(place.processes()).toEqual([]);
  });

  it('stops everything in order when its terminal is closed, and says so twice', async () => {
    stack.signal('SIGHUP');
    await stack.says('Stopping.');
    stack.signal('SIGHUP');
    expect(await stack.exit).toBe(0);
    expect(readFileSync(join(shared.home.logs, 'postgres.log'), 'utf8')).toContain('received fast shutdown request');
    expect(shared.processes()).toEqual([]);
  });
});

describe('make reset', () => {
  it('refuses while the stack runs, asks for YES=1 where nobody can be asked, then clears', async () => {
    const stack = place.up();
    await stack.says(ready);
    const id = await placeOrder();
    expect(await place.run(['reset'], { YES: '1' })).toMatchObject({
      code: 1,
      output: expect.stringContaining('is running'),
    });
    await place.run(['stop']);

    const asked = await place.run(['reset']);
    expect(asked).toMatchObject({ code: 1, output: expect.stringContaining('YES=1') });
    expect(asked.output).toContain(place.home.path);
    expect((await place.run(['reset'], { YES: '1' })).code).toBe(0);
    expect(existsSync(place.home.path)).toBe(false);

    const again = place.up();
    await again.says(ready);
    expect(await orderExists(id)).toBe(false);
  });
});

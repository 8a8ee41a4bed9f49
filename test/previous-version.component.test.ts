import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freshDatabase, freshRedis } from '@valerix/local-stack/testing';
import { SERVICE_NAMES } from '@valerix/system';
import { expect, inject, it, onTestFinished } from 'vitest';
import { eventually } from './support/eventually.ts';
import { ask, placeOrder, post } from './support/http.ts';
import { startService } from './support/service-process.ts';

const root = resolve(import.meta.dirname, '..');
const MIGRATIONS = ['*-service/migrations', 'provider-simulator/migrations', 'packages/service-kit/migrations'];

const previous = previousVersion();
if (!previous) console.warn('SKIPPED: the previous version is not tested. It needs the history of git.');

// During a rolling update, old replicas serve on the schema that the first new one made.
it.skipIf(!previous)('the version before the newest migration takes, settles and cancels orders after it', async () => {
  const checkout = checkOut(previous as string);
  const [orders, stock] = await Promise.all([
    freshDatabase(inject('postgresUrl'), 'order_template'),
    freshDatabase(inject('postgresUrl'), 'inventory_template'),
  ]);
  onTestFinished(async () => void (await Promise.all([orders.drop(), stock.drop()])));
  const REDIS_URL = await freshRedis(inject('redisUrl'));
  const start = async (name: string, env: Record<string, string>) => {
    const service = await startService(name, { REDIS_URL, ...env }, checkout);
    onTestFinished(async () => void (await service.stop()));
    return service;
  };
  const inventory = await start('inventory-service', { DATABASE_URL: stock.url });
  const order = await start('order-service', { DATABASE_URL: orders.url, INVENTORY_URL: inventory.url });

  const placed = await placeOrder(order.url, { item_id: 'ps5', quantity: 2 }, 'confirmed');
  expect(placed.status).toBe(201);
  const path = placed.headers.get('location') as string;
  expect((await post(`${order.url}${path}/cancel`, {})).status).toBeLessThan(300);
  await eventually(async () => expect((await ask(`${order.url}${path}`)).body.order.status).toBe('cancelled'));

  const port = new URL(inventory.url).port;
  await inventory.stop();
  const queued = await placeOrder(order.url, { item_id: 'ps5', quantity: 1 }, 'queued');
  expect(queued.status).toBe(202);
  await start('inventory-service', { DATABASE_URL: stock.url, PORT: port });
  await eventually(async () => {
    expect((await ask(`${order.url}${queued.headers.get('location')}`)).body.order.status).toBe('confirmed');
  });
  expect((await ask(`${order.url}/api/orders`)).body.items).toHaveLength(2);
  await eventually(async () => expect((await ask(`${order.url}/api/integrity`)).body.verdict).toBe('ok'));
});

/** The commit before the newest migration; undefined without the history of git. */
function previousVersion(): string | undefined {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    if (git('status', '--porcelain', '--', ...MIGRATIONS) !== '') return git('rev-parse', 'HEAD');
    return git('rev-parse', `${git('log', '-1', '--format=%H', '--', ...MIGRATIONS)}^`);
  } catch {
    return undefined;
  }
}

/** The services of a commit, with the packages that are installed here. @returns their folder */
function checkOut(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-previous-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  const modules = join(root, 'node_modules');
  mkdirSync(join(folder, 'node_modules/@valerix'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name !== '@valerix') symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  }
  for (const name of readdirSync(join(folder, 'packages'))) {
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@valerix', name));
  }
  for (const name of SERVICE_NAMES) {
    const own = join(root, name, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, name, 'node_modules'));
  }
  return folder;
}

import type { Order } from '@valerix/contracts';
import { declaration, perService, SERVICE_KEYS } from '@valerix/system';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeWhole } from '../../test/support/make-whole.ts';
import { PATIENT } from '../../test/support/patient.ts';
import type { LiveSnapshot, LiveState } from '../src/live/live-types.ts';
import { type System, seeConfirmed, startSystem, unitsOf } from './browser-system.ts';

let system: System;
beforeAll(async () => {
  const env = {
    order: { ...PATIENT, ACCESS: 'closed', BACKOFF_MS: '50', BACKOFF_CAP_MS: '100' },
    inventory: { ACCESS: 'closed' },
    dashboard: { ACCESS: 'closed' },
  };
  system = await startSystem({ env });
});
afterAll(() => system?.stop());
beforeEach(() => makeWhole(system.stack));

/** Makes an order a dead letter, as the worker does. An outage makes none: attempts count only while other orders are decided. */
async function giveUp(key: string): Promise<void> {
  const client = new pg.Client({ connectionString: system.stack.services.order.databaseUrl });
  await client.connect();
  await client.query(
    'UPDATE orders SET dead_lettered_at = now(), next_attempt_at = NULL, updated_at = now() WHERE idempotency_key = $1',
    [key],
  );
  await client.end();
}

/** Buys a mouse on the shop's page, and opens the order from the list of own orders. @returns the path of the order's page */
async function buyMouse(page: Page): Promise<string> {
  await page.goto(`${system.url}/shop`);
  await page.getByRole('button', { name: 'Add Gaming Mouse to the cart' }).click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await seeConfirmed(page);
  await page.goto(`${system.url}/orders/mine`);
  await page.getByRole('cell', { name: '1 × mouse' }).waitFor();
  expect(await page.getByRole('cell', { name: '1 × mouse' }).count()).toBe(1);
  await page.getByRole('table').getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Order of 1 × mouse' }).waitFor();
  return new URL(page.url()).pathname;
}
const snapshotFor = async (page: Page) =>
  (await (await page.request.get(`${system.url}/api/live/now`)).json()) as LiveSnapshot;
const idIn = (pathname: string) => pathname.split('/').at(-1) as string;

it('where access is closed, guests and customers see what they ordered, strangers nothing of it, and operators all', async () => {
  const customer = await (await system.context()).newPage();
  const account = { email: 'ada@example.org', password: 'a horse and a battery' };
  const signedUp = await customer.request.post(`${system.url}/api/session/sign-up`, { data: account });
  expect(signedUp.status()).toBe(200);
  await customer.goto(`${system.url}/orders/mine`);
  await customer.getByText('You have no orders yet.').waitFor();
  // Follows events from before the first order on.
  const stream = await customer.evaluateHandle(async () => {
    const text = (await fetch('/api/orders/stream')).body?.pipeThrough(new TextDecoderStream());
    return { reader: text?.getReader() };
  });

  const guest = await (await system.context()).newPage();
  const guests = await buyMouse(guest);
  const followed = stream.evaluate(async ({ reader }) => {
    for (let text = ''; ; text += (await reader?.read())?.value ?? '') {
      const id = /"order_id":"([^"]+)"/.exec(text)?.[1];
      if (id) return id;
    }
  });
  const placed = await customer.request.post(`${system.url}/api/orders`, {
    headers: { 'idempotency-key': 'of-ada', 'sec-fetch-site': 'same-origin' },
    data: { item_id: 'mouse', quantity: 1 },
  });
  const { order } = (await placed.json()) as { order: { order_id: string } };
  expect(await followed).toBe(order.order_id);
  const customers = `/orders/${order.order_id}`;
  await customer.goto(`${system.url}/orders/mine`);
  await customer.getByRole('cell', { name: '1 × mouse' }).waitFor();
  expect(await customer.getByRole('cell', { name: '1 × mouse' }).count()).toBe(1);

  const stranger = await system.page(guests);
  await stranger.getByRole('main').getByText('Sign in').first().waitFor();
  expect(await stranger.getByText('mouse').count()).toBe(0);
  const ofOthers = ['/api/orders', '/api/integrity', '/api/queue', '/api/inventory/ledger', '/api/orders/stream'];
  for (const path of [`/api${guests}`, `/api${customers}`, ...ofOthers]) {
    expect([path, (await stranger.request.get(`${system.url}${path}`)).status()]).toEqual([path, 401]);
  }
  expect((await customer.request.get(`${system.url}/api${guests}`)).status()).toBe(404);
  // The dashboard itself may read the verdict.
  const verdict = async () => (await snapshotFor(stranger)).state?.integrity.value?.verdict;
  await expect.poll(verdict, { timeout: 30_000 }).toBe('ok');
  for (const page of [stranger, customer]) expect((await snapshotFor(page)).events).toEqual([]);
  await stranger.goto(`${system.url}/orders`);
  await stranger.getByRole('main').getByText('Sign in').first().waitFor();

  await guest.getByRole('button', { name: 'Cancel the order' }).click();
  await guest.getByRole('button', { name: 'Yes, cancel the order' }).click();
  await guest.getByText('Your order is cancelled.').waitFor();

  const operator = await (await system.context({ operator: true })).newPage();
  for (const path of [guests, customers]) {
    await operator.goto(`${system.url}${path}`);
    await operator.getByRole('heading', { name: 'Order of 1 × mouse' }).waitFor();
  }
  const seen = async () => JSON.stringify((await snapshotFor(operator)).events);
  await expect.poll(seen, { timeout: 15_000 }).toContain(idIn(customers));
  for (const page of [customer, guest, stranger, operator]) await page.context().close();
});

it('an order that the worker gave up on is shown, kept, and confirmed once an operator requeues it', async () => {
  const before = await unitsOf(system.stack, 'keyboard');
  const inventory = system.stack.process('inventory-service');
  const context = await system.context({ operator: true });
  const chaos = await context.newPage();
  await chaos.goto(`${system.url}/chaos`);
  await chaos.getByText('No fault is armed.').waitFor();
  await chaos.getByRole('tab', { name: 'Processes' }).click();
  const replicas = chaos.getByRole('region', { name: 'Replicas' });
  await replicas.getByText('0 faults').first().waitFor();
  await inventory.hold();
  const shop = await context.newPage();
  await shop.goto(`${system.url}/orders`);
  const placed = await shop.request.post(`${system.url}/api/orders`, {
    headers: { 'idempotency-key': 'dead-letter', 'sec-fetch-site': 'same-origin' },
    data: { item_id: 'keyboard', quantity: 1 },
  });
  expect(placed.status()).toBe(202);
  await giveUp('dead-letter');
  await shop.getByText('1 order could not be settled and waits for an operator').waitFor({ timeout: 60_000 });
  await shop.getByRole('table').getByText('dead letter').waitFor();

  const others = SERVICE_KEYS.filter((key) => key !== 'inventory').map((key) =>
    system.stack.process(declaration(key).name),
  );
  for (const one of others) await one.hold();
  // No service is left that knows the state of each process.
  await shop.getByRole('banner').getByText('Chaos unknown').waitFor();
  await replicas.getByText('unknown').first().waitFor();
  await replicas.getByText('0 faults').waitFor({ state: 'detached' });
  await shop.getByText('This is the last known number; the current one is unknown.').waitFor();
  await shop.getByText('1 order could not be settled and waits for an operator').waitFor();
  for (const one of others) await one.start();
  await shop.getByText('This is the last known number').waitFor({ state: 'detached' });

  await inventory.start();
  // The button of the dead letter, not that of the list, which may still show a read error.
  const again = shop.getByRole('listitem').getByRole('button', { name: 'Requeue' });
  await again.click();
  await again.waitFor({ state: 'detached' });
  await shop.getByRole('row').filter({ hasText: 'keyboard' }).getByText('confirmed').waitFor();
  expect(await unitsOf(system.stack, 'keyboard')).toBe(before - 1);
  await context.close();
});

const NOTHING = { value: null, age_ms: null, error: null };

/** What the dashboard server says after its first read of the order service, or before it. */
function told(error: string | null, queue: LiveState['queue'] = null): LiveSnapshot {
  const state: LiveState = {
    at_ms: Date.now(),
    average_ms: null,
    average_requests: 0,
    at_once: null,
    may_return: [],
    load: null,
    services: perService(() => ({
      replicas: [{ url: 'http://127.0.0.1:1', up: queue !== null, error }],
      requests_per_second: null,
      error_rate: null,
      p50_ms: null,
      p95_ms: null,
      health: NOTHING,
    })),
    breakers: [],
    queue,
    chaos: NOTHING,
    integrity: NOTHING,
    feed: { connected: false, error: null },
    alerts: null,
    gameday: null,
    class: null,
  };
  return { state, points: [], events: [] };
}

/** Lets the page poll, as without a shared worker, whose requests a test cannot answer. */
async function poll(page: Page, answer: () => LiveSnapshot): Promise<void> {
  await page.addInitScript(() => Object.assign(globalThis, { SharedWorker: undefined }));
  await page.route('**/api/live/now', (route) => route.fulfill({ json: answer() }));
}

it('a restarted dashboard does not call the queue unknown before its first read', async () => {
  const page = await (await system.context({ operator: true })).newPage();
  let body = told(null);
  await poll(page, () => body);
  await page.goto(`${system.url}/orders`);
  await page.getByRole('banner').getByText('Live', { exact: true }).waitFor();
  const unknown = page.getByText('The number of orders that wait for an operator is unknown.');
  expect(await unknown.count()).toBe(0);
  body = told('connection refused');
  await unknown.waitFor();
  await page.context().close();
});

/** A page with as many dead letters as the services say. */
async function withDeadLetters() {
  const page = await (await system.context({ operator: true })).newPage();
  let dead_lettered = 1_012;
  await poll(page, () => told(null, { depth: 0, oldest_age_seconds: 0, dead_lettered }));
  const placed = await page.request.post(`${system.url}/api/orders`, {
    headers: { 'idempotency-key': 'one-of-many', 'sec-fetch-site': 'same-origin' },
    data: { item_id: 'keyboard', quantity: 1 },
  });
  const { order } = (await placed.json()) as { order: Order };
  const letters = Array.from({ length: 100 }, () => ({ ...order, order_id: crypto.randomUUID() }));
  const queue = { depth: 0, oldest_age_seconds: 0, dead_lettered, stream_length: 0 };
  await page.route('**/api/queue', (route) => route.fulfill({ json: { queue, dead_letters: letters } }));
  await page.goto(`${system.url}/orders`);
  await page.getByText('1,012 orders could not be settled and wait for an operator').waitFor();
  const settle = () => {
    dead_lettered = 0;
  };
  return { page, settle };
}

it('all dead letters, or those that meet conditions, are requeued after a confirmation, and their number stays on the page', async () => {
  const { page, settle } = await withDeadLetters();
  const asked: unknown[] = [];
  await page.route('**/api/queue/redrive', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: { redriven: asked.length === 1 ? 1_000 : 5, more: asked.length === 1 } });
  });
  const many = page.getByRole('group', { name: 'Requeue many' });
  await many.getByRole('button', { name: 'Requeue all' }).press('Enter');
  await many.getByText('Each of them is tried again').waitFor();
  // The answer that changes nothing has the focus.
  await page.keyboard.press('Enter');
  await many.getByRole('button', { name: 'Requeue all' }).waitFor();
  expect(asked).toEqual([]);

  await many.getByLabel('Item').fill('No!');
  await many.getByText('This is not an item id.').waitFor();
  await many.getByLabel('Item').fill('keyboard');
  await many.getByLabel('Cause').selectOption('timeout');
  await many.getByRole('button', { name: 'Requeue those that match' }).click();
  await many.getByRole('button', { name: 'Requeue', exact: true }).click();
  await page.getByText('1,005 orders requeued.').waitFor();
  const which = { item_id: 'keyboard', cause: 'timeout', reason: 'from the dashboard' };
  expect(asked).toEqual([which, which]);
  settle();
  await page.getByText('could not be settled').waitFor({ state: 'detached' });
  expect(await page.getByText('1,005 orders requeued.').isVisible()).toBe(true);
  await page.context().close();
});

it('many dead letters are listed in part and counted in full, and a double click requeues one', async () => {
  const { page } = await withDeadLetters();
  await page.getByText('and 1,002 more').waitFor();
  let redriven = 0;
  await page.route('**/redrive', (route) => {
    redriven += 1;
    return route.fulfill({ json: {} });
  });
  await page.getByRole('listitem').getByRole('button', { name: 'Requeue' }).first().click();
  await page.getByText('Requeued.').waitFor();
  // The second half of a double click; by now another dead letter may be under the pointer.
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  await page.waitForTimeout(200);
  expect(redriven).toBe(1);
  await page.context().close();
});

import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUDGET_KB, measureFirstLoad } from '../scripts/size.ts';
import { type System, signInLink, startSystem } from './browser-system.ts';
import { EVERY_LOOK, findings } from './page-findings.ts';

let system: System;
let operator: BrowserContext;
let orderPath: string;
beforeAll(async () => {
  system = await startSystem();
  operator = await system.context({ operator: true });
  const answer = await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'access-test' },
    body: '{"item_id":"mouse","quantity":1}',
  });
  orderPath = `/orders/${((await answer.json()) as { order: { order_id: string } }).order.order_id}`;
});
afterAll(() => system.stop());

const PAGES = [
  '/',
  '/shop',
  '/orders',
  'ORDER',
  '/inventory',
  '/inventory/ps5',
  '/chaos',
  '/chaos/demo',
  '/load',
  '/gamedays',
  '/sign-in',
];

describe('every page', () => {
  it.concurrent.each(PAGES)(
    'fits and has no serious or critical axe finding, wide and narrow, light and dark: %s',
    async (name) => {
      const page = await operator.newPage();
      const wrong: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(system.url)) wrong.push(`asked for ${request.url()}`);
      });
      page.on('pageerror', (error) => wrong.push(`threw ${error.message}`));
      await page.goto(`${system.url}${name === 'ORDER' ? orderPath : name}`);
      await page.waitForTimeout(1_200);
      wrong.push(...(await findings(page, ...EVERY_LOOK)));
      expect(wrong).toEqual([]);
      await page.close();
    },
  );
});

describe('operators', () => {
  it('must sign in, each link signs in once, and a sign-out counts in all tabs', async () => {
    const page = await system.page('/');
    await page.getByRole('link', { name: 'Sign in to halt' }).waitFor();
    const refused = await page.request.post(`${system.url}/api/admin/chaos/halt`, { data: { reason: 'x' } });
    expect(refused.status()).toBe(401);
    await page.goto(`${system.url}/inventory/ps5`);
    await page.getByText('as operator to restock, rename or price it.').waitFor();

    const link = signInLink(system.stack);
    await page.goto(`${system.url}${link}`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).not.toContain('token');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'valerix_session', httpOnly: true, sameSite: 'Strict' });
    await page.goto(`${system.url}/inventory/ps5`);
    await page.getByLabel('Units to add').fill('5');
    await page.getByRole('button', { name: 'Restock' }).click();
    await page.getByText('5 units added.').waitFor();
    await page.getByRole('cell', { name: 'restock' }).first().waitFor();

    const stranger = await system.page(link);
    await stranger.getByText('This link was used already').waitFor();
    await stranger.context().close();

    const other = await page.context().newPage();
    await other.goto(`${system.url}/chaos`);
    const audit = other.getByRole('region', { name: 'Audit' });
    await audit.getByText('restock').first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByRole('link', { name: 'Sign in', exact: true }).and(page.locator(':focus')).waitFor();
    await other.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    await audit.getByText('as operator to read it.').waitFor();
    expect(await audit.getByText('restock').count()).toBe(0);
    await page.context().close();
  });
});

describe('the list of orders', () => {
  it('leads from a link to a later page back to the first page', async () => {
    const page = await system.page('/orders?cursor=shared');
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.waitForURL(`${system.url}/orders`);
    await page.context().close();
  });
});

describe('the overview', () => {
  it(`loads less than ${BUDGET_KB} kB of compressed JavaScript, as measured from the build and seen by a browser`, async () => {
    const files = await measureFirstLoad(system.url);
    const built = files.reduce((sum, file) => sum + file.kilobytes, 0);
    const page = await (await system.context()).newPage();
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    const scripts = new Map<string, number>();
    client.on('Network.responseReceived', ({ requestId, response }) => {
      if (response.url.includes('.js')) scripts.set(requestId, 0);
    });
    client.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
      const size = scripts.get(requestId);
      if (size !== undefined) scripts.set(requestId, size + encodedDataLength / 1000);
    });
    await page.goto(system.url);
    await page.waitForTimeout(3_000);
    const seen = [...scripts.values()].reduce((sum, size) => sum + size, 0);
    console.info(`first load of the overview: ${built.toFixed(1)} kB built, ${seen.toFixed(1)} kB seen`);
    expect(built).toBeLessThan(BUDGET_KB);
    expect(seen).toBeLessThan(BUDGET_KB);
    await page.context().close();
  });

  it('is live in eight windows of one browser at once, over one connection, with requests free for a ninth', async () => {
    const context = await system.context();
    let polls = 0;
    context.on('request', (request) => {
      if (request.frame().page() !== null && request.url().endsWith('/api/live/now')) polls += 1;
    });
    for (let window = 0; window < 8; window++) {
      const page = await context.newPage();
      await page.goto(`${system.url}/orders`);
      await page.getByText('Live', { exact: true }).waitFor();
    }
    const [first] = context.pages();
    expect(await first?.evaluate(() => fetch('/api/session').then(({ status }) => status))).toBe(200);
    expect(polls).toBe(0);
    await context.close();
  });

  it('does not claim that nothing happened before the first message', async () => {
    const page = await (await system.context()).newPage();
    await page.addInitScript(() => Object.assign(globalThis, { SharedWorker: undefined }));
    await page.route('**/api/live/now', () => undefined);
    await page.goto(system.url);
    await page.getByText('Loading events').waitFor();
    expect(await page.getByText('No order has moved').count()).toBe(0);
    await page.context().close();
  });

  it('says that its data is old once the dashboard server is gone, and recovers', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    const dashboard = system.stack.process('frontend');
    await dashboard.hold();
    await page.getByText(/^No data for \d+ s$/).waitFor();
    await page.getByRole('region', { name: 'Response time', exact: true }).first().getByText('Unknown').waitFor();
    for (const name of ['Order service', 'Inventory service', 'Circuit breaker', 'Queue', 'Chaos']) {
      const tile = page.getByRole('region', { name, exact: true }).first();
      await tile.getByText('unknown', { exact: true }).waitFor();
      await tile.getByText(/^Nothing received for \d+ s\.$/).waitFor();
    }
    await dashboard.start();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });

  it('can be used by keyboard, and lists its shortcuts', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Go to Orders').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('g');
    await page.waitForURL('**/gamedays');
    await page.getByText('This installation has no laboratory').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    // The address changes before the page appears.
    const search = page.locator('[data-search]');
    await search.waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('access-test');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/orders?q=access-test');
    await page.getByRole('cell', { name: '1 × mouse' }).waitFor();
    expect(await search.and(page.locator(':focus')).inputValue()).toBe('access-test');
    await page.goBack();
    await expect.poll(() => search.inputValue()).toBe('');
    await page.context().close();
  });

  it('lets the server stop at once while a browser watches', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    const started = Date.now();
    await system.stack.process('frontend').stop();
    expect(Date.now() - started).toBeLessThan(4_000);
    await system.stack.process('frontend').start();
    await page.context().close();
  });
});

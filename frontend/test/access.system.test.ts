import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeWhole } from '../../test/support/make-whole.ts';
import { PATIENT } from '../../test/support/patient.ts';
import { shareOfCore } from '../scripts/idle.ts';
import { BUDGET_KB, measureFirstLoad } from '../scripts/size.ts';
import type { LiveSnapshot } from '../src/live/live-types.ts';
import { type System, seeConfirmed, signInLink, startSystem } from './browser-system.ts';
import { countScripts, EVERY_LOOK, findings, misfits, structure } from './page-findings.ts';

let system: System;
let operator: BrowserContext;
let orderPath: string;
beforeAll(async () => {
  system = await startSystem({ env: { order: PATIENT } });
  operator = await system.context({ operator: true });
  const answer = await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'access-test' },
    body: '{"item_id":"mouse","quantity":1}',
  });
  orderPath = `/orders/${((await answer.json()) as { order: { order_id: string } }).order.order_id}`;
});
afterAll(() => system?.stop());

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
  '/sign-up',
  '/account',
  '/users',
  '/orders/mine',
  '/payments',
  '/class',
  '/help',
];

describe('every page', () => {
  it.concurrent.each(PAGES)(
    `fits, loads less than ${BUDGET_KB} kB of JavaScript, has a title, headings, landmarks and an order of focus, and no axe finding, wide and narrow, light and dark: %s`,
    async (name) => {
      const page = await operator.newPage();
      const url = `${system.url}${name === 'ORDER' ? orderPath : name}`;
      const built = (await measureFirstLoad(url)).reduce((sum, { kilobytes }) => sum + kilobytes, 0);
      const seen = await countScripts(page);
      const wrong: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(system.url)) wrong.push(`asked for ${request.url()}`);
      });
      page.on('pageerror', (error) => wrong.push(`threw ${error.message}`));
      await page.goto(url);
      await page.waitForTimeout(1_200);
      const loaded = `${built.toFixed(1)} kB of JavaScript built, ${seen().toFixed(1)} kB seen`;
      console.info(`${name}: ${loaded}`);
      if (Math.max(built, seen()) > BUDGET_KB) wrong.push(`loads ${loaded}`);
      if ((await page.locator('header [aria-current], footer [aria-current]').count()) !== 1)
        wrong.push('is in no section');
      wrong.push(...(await structure(page)));
      wrong.push(...(await findings(page, ...EVERY_LOOK, [768, 'light'])));
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
    const name = `valerix_session_${new URL(system.url).port}`;
    expect(cookie).toMatchObject({ name, httpOnly: true, sameSite: 'Strict' });
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
    await lookAgainUntil(audit.getByText('as operator to read it.'));
    expect(await audit.getByText('restock').count()).toBe(0);
    await page.context().close();
  });
});

const PASSWORD = 'correct horse battery';

async function order(page: Page, name: string): Promise<void> {
  await page.goto(`${system.url}/shop`);
  await page.getByRole('button', { name: `Add ${name} to the cart` }).click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await seeConfirmed(page);
}

async function fillCredentials(form: Locator, email: string): Promise<void> {
  await form.getByLabel('Email').fill(email);
  await form.getByLabel('Password').fill(PASSWORD);
}

/**
 * Lets a page ask who is signed in, as when somebody comes back to its tab, until `seen` shows it. While an answer is under way the page does
 * not ask again, and that answer still brings the old session's cookie.
 */
async function lookAgainUntil(seen: Locator, before = async () => {}): Promise<void> {
  const look = async () => {
    await before();
    await seen.page().evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    return seen.isVisible();
  };
  await expect.poll(look, { interval: 500, timeout: 30_000 }).toBe(true);
}

describe('accounts', () => {
  afterEach(() => makeWhole(system.stack));

  it('a visitor orders as a guest, signs up, orders, and finds each order where it belongs', async () => {
    const page = await system.page('/shop');
    await order(page, 'Gaming Mouse');
    await page.goto(`${system.url}/orders/mine`);
    await page.getByText('You order as a guest').waitFor();
    await page.getByRole('cell', { name: '1 × mouse' }).waitFor();
    await page.goto(`${system.url}/orders`);
    await page.getByRole('cell', { name: '1 × mouse' }).first().waitFor();
    expect(await page.getByRole('columnheader', { name: 'Key' }).count()).toBe(0);
    await page.goto(`${system.url}/orders/mine`);
    await page.getByRole('link', { name: 'Sign up' }).click();
    const form = page.getByRole('region', { name: 'A new account' });
    await fillCredentials(form, 'ada@example.org');
    await form.getByLabel('Password').fill('short');
    await page.keyboard.press('Enter');
    await form.getByText('Password must have at least 12 characters.').waitFor();
    await form.getByLabel(/^Password/).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${system.url}/orders/mine`);
    await page.getByText('You have no orders yet.').waitFor();
    await order(page, 'Gaming Headset');
    await page.goto(`${system.url}/orders/mine`);
    await page.getByRole('cell', { name: '1 × headset' }).waitFor();
    expect(await page.getByRole('cell', { name: '1 × mouse' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('cell', { name: '1 × mouse' }).waitFor();
    expect(await page.getByText('You were signed out').count()).toBe(0);
    await page.context().close();
  });

  it('an operator makes an account, is named by the audit, and disables a user, who is then signed out', async () => {
    const page = await (await system.context({ operator: true })).newPage();
    await page.goto(`${system.url}/account`);
    const own = page.getByRole('region', { name: 'Make your account' });
    await fillCredentials(own, 'grace@example.org');
    await own.getByRole('button').click();
    await page.getByText('You are signed in as an operator.').waitFor();
    await page.goto(`${system.url}/chaos`);
    await page.locator('[data-recipe="slow-orders"]').getByRole('button', { name: 'Arm' }).click();
    const state = page.getByRole('region', { name: 'State of chaos' });
    await state.getByText(/^Armed by grace@example.org: /).waitFor();
    await state.getByRole('button', { name: 'Disarm all' }).click();
    await page.getByRole('region', { name: 'Audit' }).getByText('grace@example.org').first().waitFor();

    await page.goto(`${system.url}/users`);
    const add = page.getByRole('region', { name: 'Add a user' });
    await fillCredentials(add, 'bob@example.org');
    await add.getByRole('button').click();
    await add.getByText('bob@example.org was added.').waitFor();
    const bob = await system.page('/sign-in?next=/orders/mine');
    await fillCredentials(bob.getByRole('region', { name: 'With an account' }), 'bob@example.org');
    await bob.keyboard.press('Enter');
    await bob.waitForURL(`${system.url}/orders/mine`);
    const row = page.getByRole('row').filter({ hasText: 'bob@example.org' });
    await row.getByRole('button', { name: 'Disable' }).click();
    await row.getByRole('button', { name: 'Disable bob@example.org' }).click();
    await row.getByText('disabled').waitFor();
    await page.context().close();
    await bob.context().close();
  });

  it('keeps sessions and charts over a restart of the dashboard, and says so when a session has ended', async () => {
    const page = await system.page('/sign-in?next=/inventory');
    await fillCredentials(page.getByRole('region', { name: 'With an account' }), 'ada@example.org');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${system.url}/inventory`);
    const shown = async () => ((await (await fetch(`${system.url}/api/live/now`)).json()) as LiveSnapshot).points;
    const before = await shown();
    const dashboard = system.stack.process('frontend');
    await dashboard.stop();
    await dashboard.start();
    // Older points are merged in blocks of ten seconds.
    expect((await shown()).at(0)?.t).toBeLessThan((before.at(0)?.t ?? 0) + 10);
    await page.reload();
    await page.getByRole('link', { name: 'Your account: ada@example.org' }).waitFor();
    const [cookie] = await page.context().cookies();
    if (cookie === undefined) throw new Error('no session cookie');
    const end = () => page.context().addCookies([{ ...cookie, value: 'ended' }]);
    await lookAgainUntil(page.getByText('You were signed out.'), end);
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.waitForURL('**/sign-in?next=%2Finventory');
    await page.getByRole('button', { name: 'Go on as a guest' }).click();
    await page.getByText('You were signed out.').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  it('an operator gets in while the identity service is down', async () => {
    const identity = system.stack.process('identity-service');
    await identity.hold();
    const page = await system.page('/sign-in');
    await fillCredentials(page.getByRole('region', { name: 'With an account' }), 'ada@example.org');
    await page.keyboard.press('Enter');
    await page.getByText('The identity service does not answer. Operators can sign in without it.').waitFor();
    await page.getByText('Operators: sign in without an account').click();
    await page.getByLabel('Operator token').fill(system.stack.operatorToken);
    await page.getByRole('button', { name: 'Sign in as operator' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.goto(`${system.url}/chaos`);
    await page.getByRole('button', { name: 'Halt all' }).click();
    await page.getByText('halted', { exact: true }).first().waitFor();
    // The halt asks a dead process again for some seconds. One that comes back in this time would halt after the re-arm.
    await page.getByRole('region', { name: 'Result of the halt' }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of ['Shop', 'Orders', 'Inventory', 'Load', 'Game days', 'Overview', 'Chaos']) {
      const link = page.getByRole('navigation').getByRole('link', { name });
      await link.click();
      await link.and(page.locator('[aria-current="page"]')).waitFor();
      await page.getByRole('banner').getByText('Chaos halted').waitFor();
      expect([name, await misfits(page, [390])]).toEqual([name, []]);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await identity.start();
    const inForce = page.getByRole('region', { name: 'State of chaos' });
    await inForce.getByLabel('Reason to re-arm').fill('test is over');
    await inForce.getByRole('button', { name: 'Re-arm' }).click();
    await inForce.getByText('safe', { exact: true }).waitFor();
    await page.context().close();
  });
});

describe('a class', () => {
  it('is joined by its link, follows what is presented, changes nothing, and is over when it is ended', async () => {
    const teacher = await (await system.context({ operator: true })).newPage();
    await teacher.goto(`${system.url}/class`);
    await teacher.getByRole('button', { name: 'Open a class' }).click();
    const code = await teacher.locator('[data-code]').getAttribute('data-code');
    const viewer = await system.page(`/class?code=${code}`);
    await viewer.getByText('You look on as a viewer: you see what a guest sees').waitFor();
    expect(viewer.url()).not.toContain(code);
    await teacher.getByLabel('Step').selectOption('Redis cannot be reached');
    await teacher.getByRole('button', { name: 'Show it to the class' }).click();
    const stage = viewer.getByRole('region', { name: 'Presentation' });
    await stage.getByText('Customers notice nothing: PostgreSQL decides.').waitFor();
    await teacher.getByLabel('Notes, one a line').fill('Watch the queue.\n\n \nWatch the queue.\n');
    await teacher.getByRole('button', { name: 'Show it to the class' }).click();
    const notes = stage.getByRole('list').last().getByRole('listitem');
    await expect.poll(() => notes.allTextContents(), { timeout: 15_000 }).toEqual(Array(2).fill('Watch the queue.'));
    expect(await findings(viewer, [1440, 'dark'], [390, 'light'])).toEqual([]);
    await viewer.goto(`${system.url}/shop`);
    await viewer.getByRole('button', { name: 'Add Gaming Mouse to the cart' }).click();
    await viewer.getByRole('button', { name: 'Place order' }).click();
    await viewer.getByText('You look on as a viewer of a class: nothing can be changed.').first().waitFor();
    await teacher.getByRole('button', { name: 'Reset', exact: true }).click();
    await teacher.getByText('No fault is active.').waitFor();
    await teacher.getByRole('button', { name: 'End the class' }).click();
    await teacher.getByRole('button', { name: 'Open a class' }).waitFor();
    await viewer.reload();
    await viewer.getByText('The class is over.').waitFor();
    await viewer.context().close();
    await teacher.context().close();
  });
});

describe('the list of orders', () => {
  it('rests under the mouse, counts what is new, and shows it when asked', async () => {
    const page = await system.page('/orders');
    const rows = page.locator('tbody tr');
    const first = async () => rows.first().getAttribute('data-row');
    await rows.first().waitFor();
    await page.getByRole('columnheader', { name: 'Order' }).hover();
    const before = await first();
    const placed = await page.request.post(`${system.url}/api/orders`, {
      headers: { 'idempotency-key': 'under-the-mouse', 'sec-fetch-site': 'same-origin' },
      data: { item_id: 'mouse', quantity: 1 },
    });
    const { order } = (await placed.json()) as { order: { order_id: string } };
    const news = page.getByRole('button', { name: '1 new order' });
    await news.waitFor();
    expect(await first()).toBe(before);
    await news.click();
    await expect.poll(first).toBe(order.order_id);
    await page.context().close();
  });

  it('leads from a link to a later page back to the first page', async () => {
    const page = await system.page('/orders?cursor=shared');
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.waitForURL(`${system.url}/orders`);
    await page.context().close();
  });
});

describe('the overview', () => {
  afterEach(() => makeWhole(system.stack));

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

  it('shows a past moment of its charts to the arrow keys', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    const moment = page.getByRole('slider', { name: 'Moment of the chart: Queue' });
    await moment.press('ArrowLeft');
    await page.getByRole('heading', { name: /^Orders per second at \d/ }).waitFor();
    expect(await moment.getAttribute('aria-valuetext')).toMatch(/^at .*: waiting /);
    await moment.press('Escape');
    await page.getByRole('heading', { name: 'Orders per second', exact: true }).waitFor();
    await page.context().close();
  });

  it('takes little of a core while nothing happens', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.waitForTimeout(2_000);
    const share = await shareOfCore(page, 5);
    console.info(`an idle overview: ${(share * 100).toFixed(1)} % of a core`);
    expect(share).toBeLessThan(0.08);
    await page.context().close();
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
    const context = await system.context({ operator: true });
    const pages = [];
    for (const path of ['/chaos', '/orders', '/']) {
      const page = await context.newPage();
      await page.goto(`${system.url}${path}`);
      await page.getByText('Live', { exact: true }).waitFor();
      pages.push(page);
    }
    const page = pages.at(-1) as Page;
    const dashboard = system.stack.process('frontend');
    await dashboard.hold();
    await page.getByText(/^No data for \d+ s$/).waitFor();
    await page.getByRole('region', { name: 'Response time', exact: true }).first().getByText('Unknown').waitFor();
    for (const name of ['Order service', 'Inventory service', 'Circuit breaker', 'Queue', 'Chaos']) {
      const tile = page.getByRole('region', { name, exact: true }).first();
      await tile.getByText('unknown', { exact: true }).waitFor();
      await tile.getByText(/^Nothing received for \d+ s\.$/).waitFor();
    }
    const name = `${'a-long-name-'.repeat(5)}@example.org`;
    const session = { operator: true, name, account: true, viewer: false, state: 'ok', accounts: true, access: 'open' };
    for (const one of pages) {
      await one.route('**/api/session', (route) => route.fulfill({ json: session }));
      await lookAgainUntil(one.getByRole('link', { name: `Your account: ${name}` }));
      await one.getByText(/^No data for \d+ s$/).waitFor();
      expect(await misfits(one, [360, 390, 768, 1024, 1280, 1440])).toEqual([]);
    }
    await dashboard.start();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  });

  it('can be used by keyboard, and lists its shortcuts', async () => {
    const page = await system.page('/');
    await page.getByText('Live', { exact: true }).waitFor();
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme ?? 'system');
    const themes: string[] = [];
    for (let press = 0; press < 3; press++) {
      await page.keyboard.press('t');
      themes.push(await theme());
    }
    expect(themes).toEqual(['light', 'dark', 'system']);
    // Those who dictate can switch the letters off; the list itself still opens.
    const single = page.getByRole('dialog').getByLabel('Use these single-key shortcuts');
    await page.keyboard.press('?');
    await single.uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    expect(await theme()).toBe('system');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Go to Orders').waitFor();
    await single.check();
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
    expect(Date.now() - started).toBeLessThan(5_000);
    await system.stack.process('frontend').start();
    await page.context().close();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeWhole } from '../../test/support/make-whole.ts';
import { PATIENT } from '../../test/support/patient.ts';
import { type System, seeConfirmed, startSystem, unitsOf } from './browser-system.ts';
import { isInView } from './page-findings.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { order: PATIENT } });
});
afterAll(() => system?.stop());
beforeEach(() => makeWhole(system.stack));

const ledger = async (item: string) => {
  const answer = await fetch(
    `${system.stack.services.inventory.urls[0]}/api/inventory/ledger?item_id=${item}&limit=50`,
  );
  return ((await answer.json()) as { items: Array<{ transaction_type: string }> }).items;
};

describe('on plain http from another host', () => {
  it('orders are placed, and a refused copy is reported', async () => {
    const before = await unitsOf(system.stack, 'ps5');
    const context = await system.context();
    // A browser withholds these outside secure contexts.
    await context.addInitScript(() => {
      Object.defineProperty(Crypto.prototype, 'randomUUID', { value: undefined });
      Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });
    });
    const page = await context.newPage();
    await page.goto(`${system.url}/shop`);
    await page.getByRole('button', { name: 'Add PlayStation 5 to the cart' }).click();
    await page.getByRole('button', { name: 'Place order' }).click();
    await seeConfirmed(page);
    expect(await unitsOf(system.stack, 'ps5')).toBe(before - 1);
    await page.locator('[data-order] a').click();
    await page.getByRole('button', { name: 'Copy the order id' }).click();
    await page.getByText('Not copied').waitFor();
    await context.close();
  });
});

describe('a double click', () => {
  it('restocks once', async () => {
    const before = await unitsOf(system.stack, 'webcam');
    const page = await system.page('/inventory/webcam', { operator: true });
    await page.getByRole('button', { name: 'Restock' }).dblclick();
    await page.getByText('10 units added.').waitFor();
    // By now a second restock would have been sent.
    await page.getByRole('cell', { name: 'restock' }).first().waitFor();
    expect(await unitsOf(system.stack, 'webcam')).toBe(before + 10);
    expect((await ledger('webcam')).filter((entry) => entry.transaction_type === 'restock')).toHaveLength(1);
    await page.context().close();
  });

  it('arms one fault, and the card says so', async () => {
    const page = await system.page('/chaos', { operator: true });
    // The last of the list, which scrolls.
    const card = page.locator('[data-recipe="no-stock-database"]');
    await card.getByRole('button', { name: 'Arm' }).dblclick();
    const said = card.getByText(/^Armed at .* for 5 min\.$/);
    await said.waitFor();
    await expect.poll(() => isInView(said)).toBe(true);
    await page.locator('[data-fault]').first().waitFor();
    // From below: what stays in place at the top covers no control that gets the focus.
    const reason = page.getByLabel('Reason, for the audit');
    await reason.focus();
    await expect.poll(() => isInView(reason)).toBe(true);
    const audit = page.getByRole('region', { name: 'Audit' });
    await audit.getByText('arm', { exact: true }).first().waitFor();
    expect(await audit.getByText('arm', { exact: true }).count()).toBe(1);
    expect(await page.locator('[data-fault]').count()).toBe(1);
    await page.locator('[data-fault]').getByRole('button', { name: 'Disarm' }).press('Enter');
    await page.getByText('No fault is armed.').waitFor();
    // Its button is gone. The focus stays with the state of chaos, not at the top of the page.
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('State of chaos');
    await page.context().close();
  });
});

describe('the catalogue', () => {
  it('is extended by an operator from the keyboard: errors name the field, and the item is ordered, renamed and priced', async () => {
    const page = await system.page('/inventory', { operator: true });
    await page.getByRole('button', { name: 'Add an item' }).press('Enter');
    const form = page.getByRole('region', { name: 'New item' });
    // An error joins the name of its field.
    const field = (name: string) => form.getByLabel(new RegExp(`^${name}`));
    await field('Id').fill('ps5');
    await field('Name').fill('Drone');
    await field('Price').fill('12,50');
    await field('First stock').fill('3');
    await page.keyboard.press('Enter');
    await form.getByText('Price must be an amount such as 499.99.').waitFor();
    await expect.poll(() => field('Price').evaluate((input) => input === document.activeElement)).toBe(true);
    await field('Price').fill('12.50');
    await page.keyboard.press('Enter');
    await form.getByText('Id is taken by another item.').waitFor();
    await field('Id').fill('drone');
    await page.keyboard.press('Enter');
    await form.getByText('Drone was added.').waitFor();
    await expect.poll(() => field('Id').inputValue()).toBe('');
    const card = page.locator('[data-row="drone"]');
    await card.getByText('12.50 EUR').waitFor();
    expect((await ledger('drone')).map((entry) => entry.transaction_type)).toEqual(['seed']);

    const placed = await page.request.post(`${system.url}/api/orders`, {
      headers: { 'idempotency-key': 'a-drone', 'sec-fetch-site': 'same-origin' },
      data: { item_id: 'drone', quantity: 1 },
    });
    expect(placed.status()).toBe(201);
    expect(await unitsOf(system.stack, 'drone')).toBe(2);

    await card.getByRole('link', { name: 'Drone' }).click();
    const change = page.getByRole('region', { name: 'Name and price' });
    await change.getByLabel('Name', { exact: true }).fill('Big Drone');
    await change.getByLabel('Price', { exact: true }).fill('15');
    await page.keyboard.press('Enter');
    await change.getByText('Saved. Later orders see the change.').waitFor();
    await page.getByRole('heading', { name: 'Big Drone' }).waitFor();
    await page.getByText('15.00 EUR · drone').waitFor();
    await page.context().close();
  });
});

describe('while a service does not answer', () => {
  it('a search shows no orders of another search, and its error stays during retries', async () => {
    await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'to-be-listed' },
      body: JSON.stringify({ item_id: 'monitor', quantity: 1 }),
    });
    const page = await system.page('/orders');
    await page.locator('tbody tr').first().waitFor();
    let fail = () => {};
    const mayFail = new Promise<void>((resolve) => {
      fail = resolve;
    });
    let tries = 0;
    await page.route('**/api/orders?*status=failed*', async (route) => {
      tries += 1;
      if (tries > 1) return; // stays unanswered until the test ends it
      await mayFail;
      await route.fulfill({ status: 503, body: '{}' });
    });
    await page.getByRole('button', { name: 'failed', exact: true }).click();
    await page.getByText('Loading orders').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(0);
    fail();
    const error = page.getByText('Orders could not be read');
    await error.waitFor();
    await expect.poll(() => tries, { timeout: 15_000 }).toBe(2);
    expect(await error.isVisible()).toBe(true);
    expect(await page.locator('tbody tr').count()).toBe(0);
    await page.unroute('**/api/orders?*status=failed*');
    await page.getByText('No order matches this search.').waitFor();
    await page.context().close();
  });

  it('a page opened then can order the items received earlier', async () => {
    const context = await system.context();
    const before = await context.newPage();
    await before.goto(`${system.url}/shop`);
    const add = { name: 'Add Gaming Headset to the cart' };
    await before.getByRole('button', add).waitFor();
    await before.close();
    const inventory = system.stack.process('inventory-service');
    await inventory.hold();
    const shop = await context.newPage();
    await shop.goto(`${system.url}/shop`);
    await shop.getByRole('button', add).click();
    await shop.getByText('The items below were received earlier.').waitFor();
    await shop.getByText('The stock could not be read').waitFor();
    await shop.getByRole('button', { name: 'Place order' }).click();
    await shop.getByText('202 Accepted and queued').waitFor();
    await shop.getByText('Not decided yet: the inventory service could not be reached.').waitFor();

    const load = await context.newPage();
    await load.goto(`${system.url}/load`);
    await load.getByText('The items above were received earlier.').waitFor();
    await load.getByLabel(/^Orders, up to/).fill('2');
    await load.getByLabel('One unit of').selectOption('headset');
    await load.getByRole('button', { name: 'Start' }).click();
    await load.getByText('2 of 2 orders answered').waitFor();
    expect(await load.locator('[data-outcome="queued"]').textContent()).toBe('2');
    await inventory.start();
    await load.getByText('Queued orders: 2 confirmed since').waitFor({ timeout: 60_000 });
    await context.close();
  });

  it('the cards of an order stay marked as unreadable during retries', async () => {
    const placed = await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'half-readable' },
      body: JSON.stringify({ item_id: 'monitor', quantity: 1 }),
    });
    const { order } = (await placed.json()) as { order: { order_id: string } };
    const page = await (await system.context()).newPage();
    const tries = { events: 0, decisions: 0 };
    for (const [name, path] of [
      ['events', '**/api/orders/*/events'],
      ['decisions', '**/decisions/*'],
    ] as const) {
      await page.route(path, async (route) => {
        tries[name] += 1;
        if (tries[name] === 1) await route.fulfill({ status: 503, body: '{}' });
      });
    }
    await page.goto(`${system.url}/orders/${order.order_id}`);
    for (const [name, region] of [
      ['events', 'Timeline'],
      ['decisions', 'Decision'],
    ] as const) {
      const card = page.getByRole('region', { name: region });
      const error = card.getByText('could not be read');
      await error.waitFor();
      await card.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(() => tries[name]).toBe(2);
      expect(await error.isVisible()).toBe(true);
    }
    await page.context().close();
  });

  it('an order that does not exist is requested once', async () => {
    const page = await (await system.context()).newPage();
    let asked = 0;
    await page.route('**/api/orders/*', (route) => {
      asked += 1;
      return route.continue();
    });
    await page.goto(`${system.url}/orders/0190a6c1-0000-7000-8000-000000000001`);
    await page.getByText('There is no such order.').waitFor();
    await page.waitForTimeout(2_500);
    expect(asked).toBe(1);
    await page.context().close();
  });
});

describe('the payments page', () => {
  const pay = async (key: string, token: string) => {
    const answer = await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ item_id: 'keyboard', quantity: 1, payment: { token } }),
    });
    return ((await answer.json()) as { order: { order_id: string } }).order.order_id;
  };

  it('shows operators the ledger, what the provider has not confirmed, and what its books say; and guests nothing', async () => {
    const charged = await pay('a-payment', 'tok_ok');
    const open = await pay('an-open-payment', 'tok_never');
    const page = await system.page('/orders', { operator: true });
    await page.getByRole('link', { name: 'Payments' }).click();
    const ledger = page.getByRole('region', { name: 'Payment ledger' });
    const search = async (id: string) => {
      await ledger.getByLabel('Order id').fill(id);
      await page.keyboard.press('Enter');
    };
    await page.getByRole('region', { name: 'Open payments' }).locator(`[data-row="${open}"]`).waitFor();
    await search(charged);
    await ledger.getByRole('cell', { name: '+129.99 EUR' }).waitFor();
    await search(open);
    await ledger.getByText('No money has moved for this order.').waitFor();

    const books = page.getByRole('region', { name: "The provider's books" });
    await books.getByRole('button', { name: 'Reconcile now' }).click();
    await books.getByText('Asked now.').waitFor();
    await books.getByText('equal', { exact: true }).waitFor();
    await page.route('**/api/payments/reconciliation', (route) => route.fulfill({ status: 503, body: '{}' }));
    await books.getByText('could not be read').waitFor();
    expect(await books.getByText('equal', { exact: true }).count()).toBe(0);
    await page.context().close();

    const guest = await system.page('/payments');
    await guest.getByText('as operator to see the payments.').waitFor();
    expect(await guest.getByRole('region', { name: 'Payment ledger' }).count()).toBe(0);
    await guest.context().close();
  });
});

describe('a run of load', () => {
  it('goes on over reloads and other pages, is seen by every tab, and can be stopped from any', async () => {
    const page = await system.page('/load');
    const plan = async (orders: string, rate: string) => {
      await page.getByLabel(/^Orders, up to/).fill(orders);
      await page.getByLabel(/^Per second/).fill(rate);
      await page.getByLabel('One unit of').selectOption('monitor');
      await page.getByRole('button', { name: 'Start' }).click();
    };
    await plan('60', '20');
    await page.getByRole('navigation').getByRole('link', { name: 'Chaos' }).click();
    await page.getByRole('link', { name: 'See its results' }).click();
    await page.waitForURL('**/load');
    await page.reload();
    await page.getByText('60 of 60 orders answered').waitFor();
    expect(await page.locator('[data-outcome="confirmed"]').textContent()).toBe('60');

    await page.getByText('ended', { exact: true }).waitFor();
    await plan('5000', '20');
    const other = await system.page('/load');
    await other.getByText('of 5,000 orders answered').waitFor();
    await other.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('ended', { exact: true }).waitFor();
    for (const one of [page, other]) await one.context().close();
  });
});

describe('a simulated run', () => {
  it('is told step by step from its file, and from the beginning when a file is opened again', async () => {
    const what = ['client 0: place invoke', 'client 0: place ok'];
    const timeline = what.map((line, index) => ({ atMs: index, what: line, isFault: false }));
    const violations = [{ invariant: 'I6', subject: 'an order', detail: 'its stock stays deducted' }];
    const text = JSON.stringify({ seed: 7, story: { timeline, violations } });
    const file = { name: 'seed-7.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    const page = await system.page('/gamedays/simulation');
    const choose = page.getByLabel('The file of a seed');
    await choose.setInputFiles(file);
    await page.getByRole('heading', { name: 'What seed 7 broke' }).waitFor();
    await page.getByRole('button', { name: 'Next step' }).click();
    await page.getByText('2 of 2', { exact: true }).waitFor();
    await choose.setInputFiles(file);
    await page.getByText('1 of 2', { exact: true }).waitFor();
    await choose.setInputFiles({ ...file, buffer: Buffer.from('{}') });
    await page.getByText('This file cannot be shown.').waitFor();
    expect(await page.getByText('its stock stays deducted').count()).toBe(0);
    await page.context().close();
  });
});

describe('in the shop', () => {
  it('on a phone, the cart is one tap from each item, and an answer comes into view', async () => {
    const page = await system.page('/shop', { width: 390 });
    await page.getByRole('button', { name: 'Add 4K Webcam to the cart' }).click();
    const toCart = page.getByRole('link', { name: 'To the cart' });
    expect(await isInView(toCart)).toBe(true);
    await page.getByText('1 unit', { exact: true }).waitFor();
    await toCart.click();
    await expect.poll(() => isInView(page.getByRole('heading', { name: 'Cart' }))).toBe(true);
    await page.getByRole('button', { name: 'Place order' }).click();
    const answer = page.getByText('201 Confirmed');
    await answer.waitFor();
    await expect.poll(() => isInView(answer)).toBe(true);
    await page.context().close();
  });

  it('a quantity can be cleared and typed again, and its line stays in the cart', async () => {
    const page = await system.page('/shop');
    await page.getByRole('button', { name: 'Add 4K Gaming Monitor to the cart' }).click();
    const quantity = page.getByLabel('Quantity of 4K Gaming Monitor', { exact: true });
    const inCart = page.getByLabel('Quantity of 4K Gaming Monitor in the cart');
    await quantity.press('End');
    await quantity.press('Backspace');
    expect(await quantity.inputValue()).toBe('');
    expect(await inCart.inputValue()).toBe('1');
    await quantity.pressSequentially('25');
    expect(await inCart.inputValue()).toBe('25');
    await quantity.fill('');
    await quantity.blur();
    expect(await quantity.inputValue()).toBe('25');
    await quantity.fill('0');
    expect(await inCart.inputValue()).toBe('25');
    await quantity.blur();
    await page.getByText('The cart is empty').waitFor();
    await page.context().close();
  });

  it('the focus stays with the item when the keyboard changes its buttons', async () => {
    const page = await system.page('/shop');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await page.getByRole('button', { name: 'Add 4K Gaming Monitor to the cart' }).press('Enter');
    expect(await focused()).toBe('One 4K Gaming Monitor more');
    await page.getByRole('button', { name: 'One 4K Gaming Monitor less', exact: true }).press('Enter');
    expect(await focused()).toBe('Add 4K Gaming Monitor to the cart');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'One 4K Gaming Monitor in the cart less' }).press('Enter');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cart');
    await page.context().close();
  });
});

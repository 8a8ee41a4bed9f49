import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeWhole } from '../../test/support/make-whole.ts';
import { PATIENT } from '../../test/support/patient.ts';
import { ordersWithKey, type System, startSystem, unitsOf } from './browser-system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { order: PATIENT } });
});
afterAll(() => system?.stop());
beforeEach(() => makeWhole(system.stack));

const add = (page: Page, name: string) => page.getByRole('button', { name: `Add ${name} to the cart` }).click();
const place = (page: Page) => page.getByRole('button', { name: 'Place order' });
const answers = (page: Page) => page.getByRole('region', { name: 'Answers' });
const cart = (page: Page) => page.getByRole('region', { name: 'Cart' });
const keptBasket = (page: Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('valerix.basket') ?? 'null') as never) as Promise<{
    lines: unknown[];
    attempt: { key: string } | null;
    last: { key: string } | null;
  }>;

describe('the shop over the real system', () => {
  it('places an order of several items, and the order explains itself', async () => {
    const before = await unitsOf(system.stack, 'ps5');
    const page = await system.page('/shop');
    await add(page, 'PlayStation 5');
    await page.getByRole('button', { name: 'One PlayStation 5 more', exact: true }).click();
    await add(page, 'Gaming Mouse');
    await place(page).click();
    await answers(page).getByText('201 Confirmed').waitFor();
    expect(await unitsOf(system.stack, 'ps5')).toBe(before - 2);
    await cart(page).getByText('The cart is empty').waitFor();

    await page.locator('[data-order] a').click();
    await page.getByText('The stock was deducted for this order.').waitFor();
    await page.locator('[data-event="order.confirmed"]').waitFor();
    await page.getByRole('button', { name: 'Replay it' }).click();
    await page.getByText('Idempotent-Replayed: true').waitFor();
    expect(await unitsOf(system.stack, 'ps5')).toBe(before - 2);

    await page.getByRole('button', { name: 'Cancel the order' }).click();
    const sure = page.getByRole('button', { name: 'Yes, cancel the order' });
    let read = () => {};
    const mayRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    await page.route(/\/api\/orders\/[^/]+$/, async (route) => {
      await mayRead;
      await route.continue();
    });
    const cancelled = page.waitForResponse((answer) => answer.url().endsWith('/cancel'));
    await sure.and(page.locator(':focus')).press('Enter');
    await cancelled;
    await page.waitForTimeout(200);
    expect(await page.getByRole('button', { name: 'Cancel the order' }).count()).toBe(0);
    read();
    await page.getByText('Your order is cancelled.').waitFor();
    await page.locator(':focus').getByText('The cancellation was accepted.').waitFor();
    const decision = page.getByRole('region', { name: 'Decision' });
    // Sooner than the next poll: the cards of a settled order are read every 15 s.
    await decision.getByText(/Released at/).waitFor({ timeout: 8_000 });
    await decision.getByRole('cell', { name: 'release' }).first().waitFor();
    await page.locator('[data-event="order.cancelled"]').waitFor();
    expect(await unitsOf(system.stack, 'ps5')).toBe(before);
    await page.context().close();
  });

  it('shows that repeating is harmless: twice at once, again, and with other content', async () => {
    const before = await unitsOf(system.stack, 'xbox');
    const page = await system.page('/shop');
    await add(page, 'Xbox Series X');
    await page.getByRole('button', { name: 'Send twice' }).click();
    await page.getByRole('button', { name: 'Retry the last one' }).waitFor();
    expect(await answers(page).locator('[data-status]').count()).toBe(2);
    await page.getByRole('button', { name: 'Retry the last one' }).click();
    const replay = answers(page).locator('li').first();
    await replay.getByText('Idempotent-Replayed: true').waitFor();
    await replay.getByText('The same bytes as the answer before.').waitFor();
    await page.getByRole('button', { name: 'Same key, other order' }).click();
    await answers(page).getByText('422 Refused').waitFor();
    expect(await unitsOf(system.stack, 'xbox')).toBe(before - 1);
    await page.context().close();
  });

  it('has one cart in all tabs: no tab repeats the order of another', async () => {
    const context = await system.context();
    const [page, other] = [await context.newPage(), await context.newPage()];
    await page.goto(`${system.url}/shop`);
    await add(page, 'Gaming Mouse');
    await other.goto(`${system.url}/shop`);
    await cart(other).getByText('Gaming Mouse').waitFor();
    await place(page).click();
    await answers(page).getByText('201 Confirmed').waitFor();
    await cart(other).getByText('The cart is empty').waitFor();
    await context.close();
  });

  it('makes one order of a double click', async () => {
    const before = await unitsOf(system.stack, 'webcam');
    const page = await system.page('/shop');
    await add(page, '4K Webcam');
    await place(page).dblclick();
    await answers(page).getByText('201 Confirmed').waitFor();
    await page.waitForTimeout(500);
    expect(await unitsOf(system.stack, 'webcam')).toBe(before - 1);
    expect(await answers(page).locator('[data-status]').count()).toBe(1);
    await page.context().close();
  });

  it('keeps the cart and the key over a reload, to ask again after a lost answer', async () => {
    const page = await system.page('/shop');
    await add(page, 'Studio Microphone');
    await page.reload();
    await cart(page).getByText('Studio Microphone').waitFor();
    // The request arrives, and the answer never reaches the page.
    await page.route('**/api/orders', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await place(page).click();
    await answers(page).getByText('no answer').first().waitFor();
    const key = (await keptBasket(page)).attempt?.key ?? '';
    await page.unroute('**/api/orders');
    await page.reload();
    expect(await page.getByTestId('attempt-key').textContent()).toBe(key);
    await page.getByRole('button', { name: 'Send it again' }).click();
    await answers(page).getByText('201 Confirmed').waitFor();
    await answers(page).getByText('Idempotent-Replayed: true').waitFor();
    expect(await ordersWithKey(system.stack, key)).toHaveLength(1);
    await page.context().close();
  });

  it('refuses a sold-out item in plain words, and keeps the cart', async () => {
    const page = await system.page('/shop');
    await add(page, 'Gaming Chair');
    await cart(page).getByLabel('Quantity of Gaming Chair in the cart').fill('999');
    await place(page).click();
    await answers(page).getByText('There is not enough stock for every item.').waitFor();
    expect((await keptBasket(page)).lines).toEqual([{ item_id: 'chair', quantity: 999 }]);
    await page.context().close();
  });

  it('queues an order while the inventory service is dead, and shows it confirmed once the service is back', async () => {
    const before = await unitsOf(system.stack, 'headset');
    const page = await system.page('/shop');
    await add(page, 'Gaming Headset');
    const inventory = system.stack.process('inventory-service');
    await inventory.hold();
    await place(page).click();
    await answers(page).getByText('202 Accepted and queued').waitFor();
    const now = answers(page).locator('[data-order]').first();
    await now.getByText('queued').waitFor();

    const overview = await page.context().newPage();
    await overview.goto(system.url);
    await overview.getByRole('region', { name: 'Inventory service' }).getByText('down', { exact: true }).waitFor();
    await overview
      .getByRole('region', { name: 'Queue', exact: true })
      .first()
      .getByText('waiting', { exact: true })
      .waitFor();

    await inventory.start();
    await now.getByText('confirmed').waitFor({ timeout: 60_000 });
    expect(await unitsOf(system.stack, 'headset')).toBe(before - 1);
    await overview.getByRole('region', { name: 'Inventory service' }).getByText('up').first().waitFor();
    await page.context().close();
  });

  it('runs a small load and counts its outcomes', async () => {
    const page = await system.page('/load');
    await page.getByLabel(/^Orders, up to/).fill('20');
    await page.getByLabel(/^Per second/).fill('50');
    await page.getByLabel('One unit of').selectOption('monitor');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('20 of 20 orders answered').waitFor();
    expect(await page.locator('[data-outcome="confirmed"]').textContent()).toBe('20');
    await page.context().close();
  });
});

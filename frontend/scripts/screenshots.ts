import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandLine, readArguments } from '@valerix/local-stack/commands/command-line';
import type { BrowserContext, Page } from 'playwright-core';
import { type System, startSystem } from '../test/browser-system.ts';
import { startOrders } from './start-orders.ts';

readArguments(
  commandLine('npm run screenshots -w frontend').description(
    'Takes the pictures of docs/images from the real system: calm, then under chaos.',
  ),
);
const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const ITEMS = ['ps5', 'xbox', 'switch', 'laptop', 'monitor', 'headset', 'keyboard', 'mouse', 'webcam', 'controller'];
mkdirSync(folder, { recursive: true });

const system = await startSystem({ companions: ['dashboard', 'laboratory'] });
try {
  await calm(system);
  await underChaos(system);
  await gameday(system);
} finally {
  await system.stop();
}

/** Mixed orders: some have several items, and some more units than are in stock. */
function customers(perSecond: number) {
  return startOrders(system.stack, perSecond, (order) => {
    const line = { item_id: ITEMS[order % ITEMS.length] ?? '', quantity: 1 };
    return order % 9 === 0 ? [line, { item_id: 'chair', quantity: 3 }] : [line];
  });
}

async function calm({ context, url }: System): Promise<void> {
  const light = await context();
  const page = await light.newPage();
  const orders = customers(6);
  await page.waitForTimeout(40_000);
  await picture(page, url, '/', 'overview');
  orders.stop();
  await page.goto(`${url}/shop`);
  await page.getByRole('button', { name: 'Add PlayStation 5 to the cart' }).click();
  await page.getByRole('button', { name: 'Add Gaming Mouse to the cart' }).click();
  await page.getByRole('button', { name: 'Send twice' }).click();
  await page.getByRole('button', { name: 'Retry the last one' }).click();
  await page.getByRole('button', { name: 'Add Gaming Laptop to the cart' }).click();
  await page.waitForTimeout(1_500);
  await shoot(page, 'shop', false);
  await picture(page, url, '/orders', 'orders', false);
  for (const [path, name] of [
    ['/inventory', 'inventory'],
    ['/inventory/ps5', 'item'],
    ['/orders/mine', 'my-orders'],
    ['/sign-in', 'sign-in'],
    ['/help', 'help'],
  ] as const) {
    await picture(page, url, path, name, false);
  }
  await light.close();
  const phone = await context({ width: 390, scheme: 'dark' });
  await picture(await phone.newPage(), url, '/', 'overview-phone');
  await picture(await phone.newPage(), url, '/shop', 'shop-phone', false);
  await picture(await phone.newPage(), url, '/chaos/demo', 'demo-phone');
  await phone.close();
}

async function underChaos({ context, url }: System): Promise<void> {
  const dark = await context({ operator: true, scheme: 'dark' });
  const page = await dark.newPage();
  await page.goto(`${url}/chaos`);
  await page.getByLabel('Reason, for the audit').fill('Game day, exercise 2');
  for (const recipe of ['lost-reply', 'slow-calls']) {
    await page.locator(`[data-recipe="${recipe}"]`).getByRole('button', { name: 'Arm' }).click();
    await page.waitForTimeout(500);
  }
  const orders = customers(8);
  await page.waitForTimeout(35_000);
  await picture(page, url, '/', 'overview-chaos');
  await picture(page, url, '/chaos', 'chaos');
  await picture(page, url, '/payments', 'payments', false);
  await picture(page, url, '/account', 'account', false);
  await picture(page, url, '/users', 'users', false);
  const phone = await context({ operator: true, width: 390 });
  await picture(await phone.newPage(), url, '/chaos', 'chaos-phone', false);
  await phone.close();
  orders.stop();
  await page.getByRole('link', { name: 'Chaos', exact: true }).click();
  await page.getByRole('button', { name: 'Disarm all' }).click();
  await page.waitForTimeout(8_000);
  await demo(dark, url);
  await load(dark, url);
  await dark.close();
}

async function demo(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}/chaos/demo`);
  for (const [index, action] of ['Count it', 'Arm it', 'Order it', 'Read the ledger', 'Send it again'].entries()) {
    const step = page.locator('[data-step]').nth(index);
    await step.getByRole('button', { name: action }).click();
    await step.getByText('as expected', { exact: true }).waitFor({ timeout: 60_000 });
  }
  await page.evaluate(() => scrollTo(0, 0));
  await shoot(page, 'demo');
  await page.getByRole('button', { name: 'Disarm the fault' }).click();
  await page.getByRole('button', { name: 'Count it' }).click({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Everything that happened to it' }).click();
  await page.getByRole('button', { name: 'Replay it' }).click();
  await page.waitForTimeout(2_500);
  await page.evaluate(() => scrollTo(0, 0));
  await shoot(page, 'order');
}

async function load(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}/load`);
  await page.getByLabel('One unit of').selectOption('monitor');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForTimeout(7_000);
  await shoot(page, 'load', false);
}

/** A game day halfway through, its verdict, and its comparison with another run; a class that looks on. */
async function gameday({ context, url }: System): Promise<void> {
  const light = await context({ operator: true });
  const page = await light.newPage();
  const ids: string[] = [];
  for (const seed of ['1', '2']) {
    await page.goto(`${url}/gamedays`);
    await page.getByRole('button', { name: "Start Schrödinger's warehouse" }).click();
    await page.getByLabel('Seed').fill(seed);
    await page.getByRole('button', { name: 'Start the game day' }).click();
    await page.locator('[data-phase="load"]').waitFor({ timeout: 60_000 });
    ids.push(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    await page.waitForTimeout(33_000);
    if (seed === '1') await shoot(page, 'gameday');
    await page.locator('[data-verdict]').waitFor({ timeout: 180_000 });
    await page.waitForTimeout(1_000);
    if (seed === '1') await shoot(page, 'gameday-verdict');
  }
  await picture(page, url, `/gamedays/compare?a=${ids[0]}&b=${ids[1]}`, 'gameday-compare');
  await picture(page, url, '/gamedays', 'gamedays', false);
  await page.goto(`${url}/class`);
  await page.getByRole('button', { name: 'Open a class' }).click();
  await page.getByRole('button', { name: 'Show it to the class' }).click();
  await page.getByRole('region', { name: 'Presentation' }).waitFor();
  await page.waitForTimeout(1_000);
  await shoot(page, 'class');
  await light.close();
}

async function picture(page: Page, url: string, path: string, name: string, whole = true): Promise<void> {
  await page.goto(`${url}${path}`);
  await page.waitForTimeout(3_000);
  await shoot(page, name, whole);
}

async function shoot(page: Page, name: string, whole = true): Promise<void> {
  await page.screenshot({ path: `${folder}${name}.png`, fullPage: whole });
  process.stdout.write(`docs/images/${name}.png\n`);
}

import { Client } from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from './browser-system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });

it('is green when the services say so, grey when they are silent, and red after an invented unit of stock', async () => {
  const page = await system.page('/');
  await verdict(page).getByText('No order lost, no stock deducted twice').waitFor();
  expect(await verdict(page).getAttribute('data-tone')).toBe('ok');

  const orders = system.stack.process('order-service');
  await orders.hold();
  await verdict(page).getByText('Unknown').waitFor({ timeout: 90_000 });
  await orders.start();
  await verdict(page).getByText('No order lost, no stock deducted twice').waitFor({ timeout: 90_000 });

  const database = new Client({ connectionString: system.stack.services.inventory.databaseUrl });
  await database.connect();
  await database.query("UPDATE inventory SET quantity = quantity + 1 WHERE item_id = 'mouse'");
  await database.end();
  await verdict(page).getByText('1 violation found').waitFor({ timeout: 90_000 });
  await verdict(page).getByText(/^I1: /).waitFor();
  expect(await verdict(page).getAttribute('data-tone')).toBe('bad');
  await page.context().close();
});

import { SERVICE_KEYS } from '@valerix/system';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chaosClient } from '../../test/support/chaos-client.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ask } from '../../test/support/http.ts';
import { type System, startSystem } from './browser-system.ts';
import { EVERY_LOOK, findings, isInView } from './page-findings.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

type Key = 'order' | 'inventory';
const urlOf = (key: Key) => system.stack.services[key].urls[0] as string;
const client = () => chaosClient(system.stack, urlOf('order'));

async function faultsAt(key: Key): Promise<number> {
  const { text } = await ask(`${urlOf(key)}/metrics`);
  return (text.match(/^chaos_enabled\{.*\} [1-9]\d*$/gm) ?? []).length;
}

/** A page of an operator, with a fault in each service. */
async function pageUnderChaos(path: string): Promise<Page> {
  await eventually(() => client().rearm('a test starts'), 20_000);
  for (const service of ['order-service', 'inventory-service'] as const) {
    await eventually(() => client().arm({ service, point: 'inbound', type: 'latency', params: { latency_ms: 1 } }));
  }
  await eventually(async () => expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([1, 1]));
  const page = await system.page(path, { operator: true });
  await page.getByText('active', { exact: true }).first().waitFor();
  return page;
}

/** By the keyboard alone. */
async function halt(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Halt all' }).focus();
  await page.keyboard.press('Enter');
}

const result = (page: Page) => page.getByRole('region', { name: 'Result of the halt' });
const lineOf = (page: Page, name: string) => result(page).getByRole('listitem').filter({ hasText: name });

it.each(['/', '/chaos'])('Halt all on %s shows that every process has confirmed', async (path) => {
  const page = await pageUnderChaos(path);
  // A phone that looks at something else; on the page of chaos the button stays in reach.
  await page.setViewportSize({ width: 390, height: 900 });
  if (path === '/chaos') await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await halt(page);
  await result(page).getByText(`All ${SERVICE_KEYS.length} processes have confirmed: no fault is left.`).waitFor();
  await expect.poll(() => isInView(result(page))).toBe(true);
  await page.getByText('halted', { exact: true }).first().waitFor();
  expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([0, 0]);
  expect(await findings(page, ...EVERY_LOOK)).toEqual([]);
  await client().rearm('go on');
  await result(page).waitFor({ state: 'detached' });
  await page.context().close();
});

it.each([
  ['inventory', 'order'],
  ['order', 'inventory'],
] as const)(
  'with %s-service dead, Halt all ends the faults of the other, says which was not told, and can ask again',
  async (dead, other) => {
    const page = await pageUnderChaos('/chaos');
    await system.stack.process(`${dead}-service`).hold();
    try {
      await halt(page);
      await result(page)
        .getByText(`${SERVICE_KEYS.length - 1} of ${SERVICE_KEYS.length} processes confirmed.`)
        .waitFor();
      await lineOf(page, `${dead}-service`).getByText('connection refused').waitFor();
      await lineOf(page, `${other}-service`).getByText('confirmed', { exact: true }).waitFor();
      expect(await faultsAt(other)).toBe(0);
      await page.getByText('halted', { exact: true }).first().waitFor();
      expect(await findings(page, ...EVERY_LOOK)).toEqual([]);
    } finally {
      await system.stack.process(`${dead}-service`).start();
    }
    expect(await faultsAt(dead)).toBe(0);
    await result(page).getByRole('button', { name: 'Ask again' }).focus();
    await page.keyboard.press('Enter');
    await result(page).getByText(`All ${SERVICE_KEYS.length} processes have confirmed: no fault is left.`).waitFor();
    await page.context().close();
  },
);

it('with Redis dead, Halt all ends every fault, and each process says that it could not tell the others', async () => {
  const page = await pageUnderChaos('/');
  await system.stack.redis.stop(0);
  try {
    await halt(page);
    await result(page).getByText(`All ${SERVICE_KEYS.length} processes have confirmed: no fault is left.`).waitFor();
    for (const name of ['order-service', 'inventory-service']) {
      await lineOf(page, name).getByText('it cannot write Redis, and told no other process').waitFor();
    }
    expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([0, 0]);
  } finally {
    await system.stack.redis.start();
  }
  await page.context().close();
});

it('with Redis stopped, no page says safe: what is armed is unknown, and what may return is named', async () => {
  const page = await pageUnderChaos('/');
  await system.stack.redis.stop(0);
  try {
    for (const path of ['/', '/chaos']) {
      if (path !== '/') await page.goto(`${system.url}${path}`);
      await page.getByText('Armed before, and may return:').first().waitFor();
      await page.getByText('unknown', { exact: true }).first().waitFor();
      await page
        .getByText(/Unknown: /)
        .first()
        .waitFor();
      for (const word of ['safe', 'No fault is armed.', 'No fault is active.']) {
        expect(await page.getByText(word, { exact: true }).count()).toBe(0);
      }
    }
  } finally {
    await system.stack.redis.start();
  }
  await page.getByText('Armed before, and may return:').first().waitFor({ state: 'detached', timeout: 30_000 });
  await page.context().close();
});

describe('arming from the page', () => {
  /** A card of the page whose fault is in this service. */
  const CARD = { order: 'slow-orders', inventory: 'slow-inventory' } as const;
  const card = (page: Page, key: Key) => page.locator(`[data-recipe="${CARD[key]}"]`);
  const state = (page: Page) => page.getByRole('region', { name: 'State of chaos' });

  it.each([
    ['inventory', 'order'],
    ['order', 'inventory'],
  ] as const)('with %s-service dead, a fault of the other is armed, shown and removed', async (dead, other) => {
    await eventually(() => chaosClient(system.stack, urlOf(other)).rearm('a test starts'), 20_000);
    await system.stack.process(`${dead}-service`).hold();
    try {
      const page = await system.page('/chaos', { operator: true });
      await card(page, other).getByRole('button', { name: 'Arm' }).click();
      await card(page, other)
        .getByText(/^Armed at /)
        .waitFor();
      await state(page)
        .getByText(/confirmed by /)
        .waitFor();
      expect(await faultsAt(other)).toBe(1);
      await state(page).getByRole('button', { name: 'Disarm all' }).click();
      await state(page).getByText('safe', { exact: true }).waitFor();
      expect(await faultsAt(other)).toBe(0);
      await page.context().close();
    } finally {
      await system.stack.process(`${dead}-service`).start();
    }
  });

  it('with Redis dead, no fault is armed, and the page says why', async () => {
    await eventually(() => client().rearm('a test starts'), 20_000);
    const page = await system.page('/chaos', { operator: true });
    await system.stack.redis.stop(0);
    try {
      await card(page, 'order').getByRole('button', { name: 'Arm' }).click();
      await card(page, 'order').getByText('Redis, which holds the faults, cannot be written.').waitFor();
      expect([await faultsAt('order'), await faultsAt('inventory')]).toEqual([0, 0]);
    } finally {
      await system.stack.redis.start();
    }
    await eventually(async () => {
      await card(page, 'order').getByRole('button', { name: 'Arm' }).click();
      await card(page, 'order')
        .getByText(/^Armed at /)
        .waitFor({ timeout: 5_000 });
    }, 60_000);
    await client().clear();
    await page.context().close();
  });
});

it('the audit shows what operators did at each service, and says which one could not be asked', async () => {
  const page = await pageUnderChaos('/chaos');
  await halt(page);
  const audit = page.getByRole('region', { name: 'Audit' });
  for (const name of ['order-service', 'inventory-service']) {
    await audit
      .getByRole('listitem')
      .filter({ hasText: 'halt' })
      .filter({ hasText: `at ${name}` })
      .first()
      .waitFor();
  }
  await system.stack.process('order-service').hold();
  try {
    await audit.getByText('order-service could not be asked.').waitFor({ timeout: 30_000 });
  } finally {
    await system.stack.process('order-service').start();
  }
  await page.context().close();
});

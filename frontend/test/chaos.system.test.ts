import { declaration, SERVICE_KEYS } from '@valerix/system';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type System, startSystem, unitsOf } from './browser-system.ts';
import { findings, watchShifts } from './page-findings.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const tile = (page: Page) => page.getByRole('region', { name: 'Response time', exact: true }).first();
const chaosBar = (page: Page) => page.getByRole('region', { name: 'Chaos', exact: true });

async function order(item_id: string, key: string): Promise<number> {
  const answer = await fetch(`${system.stack.services.order.urls[0]}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ item_id, quantity: 1 }),
  });
  return answer.status;
}

/** Four customers who place one order after the other until stopped. */
function customers() {
  let running = true;
  const shopping = [1, 2, 3, 4].map(async (customer) => {
    for (let nth = 1; running; nth++) {
      await order('monitor', `customer-${customer}-${nth}`).catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  const stop = async () => {
    running = false;
    await Promise.all(shopping);
  };
  return { stop };
}

describe('chaos over the real system', () => {
  it('turns the tile red, is halted from the overview, and the tile turns green again', async () => {
    const context = await system.context({ operator: true });
    const overview = await context.newPage();
    await overview.goto(system.url);
    await chaosBar(overview).getByText('safe', { exact: true }).waitFor();
    const some = customers();
    await overview.locator('[data-level="ok"]').waitFor();
    const shifts = await watchShifts(overview);

    const chaos = await context.newPage();
    await chaos.goto(`${system.url}/chaos`);
    await chaos.getByLabel('Reason, for the audit').fill('browser test');
    const card = chaos.locator('[data-recipe="slow-orders"]');
    await card.getByText('All orders wait 2 s.').waitFor();
    await card.getByRole('button', { name: 'Arm' }).click();

    await chaosBar(overview).getByText('active', { exact: true }).waitFor();
    await chaosBar(overview)
      .getByText(/ends by itself in .* Armed by operator: browser test/i)
      .waitFor();
    await overview.locator('[data-level="critical"]').waitFor({ timeout: 60_000 });
    await tile(overview).getByText('Red: failing users').waitFor();
    const inForce = chaos.getByRole('region', { name: 'State of chaos' });
    await inForce.getByText(/confirmed by /).waitFor();

    const seen = await shifts();
    const shift = seen.reduce((sum, { value }) => sum + value, 0);
    expect(shift, `the layout shifted: ${JSON.stringify(seen.slice(0, 3))}`).toBeLessThan(0.02);
    await chaosBar(overview).getByRole('button', { name: 'Halt all' }).click();
    await chaosBar(overview).getByText('halted', { exact: true }).waitFor();
    await chaosBar(overview)
      .getByText(/^Halted by operator at .*: /)
      .waitFor();
    await overview.locator('[data-level="ok"]').waitFor({ timeout: 60_000 });
    await some.stop();

    // The last known state is halted, but an operator may have re-armed chaos since: "Halt all" stays enabled.
    const services = SERVICE_KEYS.map((key) => system.stack.process(declaration(key).name).pid as number);
    for (const pid of services) process.kill(pid, 'SIGSTOP');
    try {
      for (const place of [chaosBar(overview), inForce]) {
        await place.getByText('unknown', { exact: true }).waitFor({ timeout: 60_000 });
        expect(await place.getByRole('button', { name: 'Halt all' }).isEnabled()).toBe(true);
      }
    } finally {
      for (const pid of services) process.kill(pid, 'SIGCONT');
    }
    await chaosBar(overview).getByText('halted', { exact: true }).waitFor();

    await inForce.getByLabel('Reason to re-arm').fill('test is over');
    await inForce.getByRole('button', { name: 'Re-arm' }).click();
    await inForce.getByText('safe', { exact: true }).waitFor();
    const audit = chaos.getByRole('region', { name: 'Audit' });
    for (const action of ['arm', 'halt', 'rearm']) await audit.getByText(action, { exact: true }).first().waitFor();
    await audit.getByText('test is over').waitFor();
    await context.close();
  }, 180_000);

  it('shows the dials as active faults, and removes them', async () => {
    const context = await system.context({ operator: true, scheme: 'dark' });
    const page = await context.newPage();
    await page.goto(`${system.url}/chaos`);
    await page.getByLabel('Reason, for the audit').fill('W'.repeat(100));
    await page.getByRole('tab', { name: 'Four dials' }).click();
    await page.getByRole('button', { name: /^Mild/i }).click();
    const inForce = page.getByRole('region', { name: 'State of chaos' });
    await inForce.getByText('All deductions wait 2 s.').waitFor();
    await inForce.getByText('10 % of deductions get an error 500.').waitFor();
    await page.getByRole('region', { name: 'Audit' }).getByText('W'.repeat(100)).first().waitFor();
    expect(await findings(page, [1440, 'dark'], [390, 'light'])).toEqual([]);
    await page
      .getByRole('banner')
      .getByText(/^\d faults$/)
      .waitFor();
    await inForce.getByRole('button', { name: 'Disarm all' }).click();
    await inForce.getByText('No fault is armed.').waitFor();
    await context.close();
  });

  it('arms any fault at any failpoint as its sentence says, and refuses an invalid limit', async () => {
    const context = await system.context({ operator: true });
    const page = await context.newPage();
    await page.goto(`${system.url}/chaos`);
    const form = page.getByRole('region', { name: 'Fault editor' });
    await form.getByLabel('Where').selectOption('order.after-create');
    await form.getByLabel('What happens there').selectOption('latency');
    await form.getByLabel('Fire at most').fill('1o');
    await form.getByText('must be a whole number from 1 to 1,000,000').waitFor();
    expect(await form.getByRole('button', { name: 'Arm' }).isDisabled()).toBe(true);
    await form.getByLabel('Fire at most').fill('1');
    const sentence = 'All orders are stored, then wait 1 s, at most once.';
    await form.getByText(sentence).waitFor();
    await form.getByRole('button', { name: 'Arm' }).click();

    const fault = page.getByRole('region', { name: 'State of chaos' }).locator('[data-fault]');
    await fault.getByText(sentence).waitFor();
    await fault.getByText(/confirmed by /).waitFor();
    const started = performance.now();
    expect([201, 202]).toContain(await order('keyboard', 'any-other-fault-1'));
    expect(performance.now() - started).toBeGreaterThan(990);
    expect([201, 202]).toContain(await order('keyboard', 'any-other-fault-2'));
    await fault.getByRole('definition').filter({ hasText: /^1$/ }).first().waitFor();
    await fault.getByRole('button', { name: 'Disarm' }).click();
    await page.getByText('No fault is armed.').waitFor();
    await page.getByRole('button', { name: 'Edit: The order service is slow' }).click();
    await form.getByText('All orders wait 2 s.').waitFor();
    expect(await form.getByLabel('Fire at most').inputValue()).toBe('');
    await context.close();
  });

  it('starts load and faults in one click, says what to watch, gives a fault more time, and ends it with the next scenario', async () => {
    const context = await system.context({ operator: true });
    const page = await context.newPage();
    await page.goto(`${system.url}/chaos`);
    const card = page.getByRole('region', { name: 'Scenarios' });
    await card.getByRole('button', { name: /^Redis cannot be reached/ }).click();
    await card.locator('[data-watch="no-redis"]').getByText('Customers notice nothing').waitFor();
    await page.getByText('A run of load is under way.').waitFor();
    // Its 240 orders of each item leave as many units for other customers.
    expect(await unitsOf(system.stack, 'switch')).toBeGreaterThan(240);
    const inForce = page.getByRole('region', { name: 'State of chaos' });
    await inForce.getByText(/confirmed by /).waitFor();
    await inForce.getByRole('button', { name: /^Extend/ }).click();
    await inForce.getByText(/^[56] min/).waitFor();
    await expect.poll(() => inForce.locator('[data-fault]').count()).toBe(1);
    await card.getByRole('button', { name: /^Replies are lost/ }).click();
    await inForce.getByText('30 % of deductions are committed, then get no answer.').waitFor();
    await expect.poll(() => inForce.locator('[data-fault]').count()).toBe(1);
    await card.getByRole('button', { name: /^(Stop|End) it$/, disabled: false }).click();
    await inForce.getByText('No fault is armed.').waitFor();
    await page.getByText('A run of load is under way.').waitFor({ state: 'detached' });
    await context.close();
  });

  it('guides through Schrödinger’s warehouse: the order is neither lost nor doubled', async () => {
    const before = await unitsOf(system.stack, 'headset');
    const context = await system.context({ operator: true });
    const page = await context.newPage();
    await page.goto(`${system.url}/chaos/demo`);
    const actions = [
      'Count it',
      'Arm it',
      'Order it',
      'Read the ledger',
      'Send it again',
      'Disarm the fault',
      'Count it',
    ];
    for (const [index, action] of actions.entries()) {
      const step = page.locator('[data-step]').nth(index);
      const button = step.getByRole('button', { name: action });
      // Enter goes on: the next button has the focus.
      if (index === 0) await button.click();
      else await button.and(page.locator(':focus')).press('Enter');
      // The result of a step must not appear in the next round.
      if (action === 'Order it') expect(await page.getByRole('button', { name: 'Start over' }).isDisabled()).toBe(true);
      await step.getByText('as expected', { exact: true }).waitFor({ timeout: 60_000 });
    }
    await page.getByRole('region', { name: 'The ledger' }).getByRole('cell', { name: 'deduct' }).waitFor();
    await page.getByText('The order was neither lost nor doubled.').waitFor();
    expect(await unitsOf(system.stack, 'headset')).toBe(before - 1);
    await page.getByRole('link', { name: 'Everything that happened to it' }).click();
    await page.locator('[data-event="chaos.fault_fired"]').first().waitFor();
    await page.locator('[data-event="order.confirmed"]').waitFor();
    await context.close();
  });
});

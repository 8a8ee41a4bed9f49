import type { ExperimentList, Gameday, GamedayDetail } from '@valerix/contracts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUDGET_KB, measureFirstLoad } from '../scripts/size.ts';
import { type System, startSystem } from './browser-system.ts';
import { findings } from './page-findings.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ companions: ['dashboard', 'laboratory'] });
});
afterAll(() => system?.stop());

const region = (page: Page, name: string) => page.getByRole('region', { name });

/** The compressed JavaScript of a page's first load, in kB. */
const firstLoadKb = async (page: Page) =>
  (await measureFirstLoad(page.url())).reduce((sum, { kilobytes }) => sum + kilobytes, 0);

describe('game days on the dashboard', () => {
  it('are started by operators, watched live over a reload, and end with a verdict and its report', async () => {
    const stranger = await system.page('/gamedays');
    await stranger.getByText('as operator to start and stop game days.').waitFor();
    await region(stranger, 'Past game days').getByText('No game day has ended yet.').waitFor();
    await stranger.getByRole('button', { name: 'Steps of Rolling restart' }).click();
    await stranger.getByText('restart inventory-service-2').waitFor();

    const context = await system.context({ operator: true });
    const page = await context.newPage();
    await page.goto(`${system.url}/gamedays`);
    await page.getByRole('button', { name: 'Start Rolling restart' }).click();
    const form = page.getByRole('form', { name: 'Start Rolling restart' });
    await form.getByLabel('Seconds of load').fill('0');
    await form.getByRole('button', { name: 'Start the game day' }).click();
    await form.getByText('must be from 5 to 7200 seconds').waitFor();
    await form.getByLabel('Seconds of load').fill('15');
    await form.getByLabel('Orders a second').fill('105');
    await form.getByRole('button', { name: 'Start the game day' }).click();

    await page.waitForURL(/\/gamedays\/\d{4}-.*-rolling-restart$/);
    await page.locator('[data-phase="load"]').waitFor({ timeout: 90_000 });
    await page.reload();
    const placed = page.locator('[data-count="placed"]');
    await expect
      .poll(async () => Number((await placed.textContent())?.replace(',', '')), { timeout: 30_000 })
      .toBeGreaterThan(300);
    await region(page, 'Faults').getByText('restart the first inventory service').waitFor();
    await region(page, 'Evidence')
      .getByText(/^[\d,]+ seen, 1,500 needed$/)
      .waitFor();
    // Others see it too while it runs.
    await region(stranger, 'Running now').getByRole('link', { name: 'Watch' }).waitFor();
    expect(await findings(stranger, [1440, 'dark'], [390, 'light'])).toEqual([]);
    await region(stranger, 'Running now').getByRole('link', { name: 'Watch' }).click();
    await stranger.getByText('as operator to stop it.').waitFor();

    const verdict = page.locator('[data-verdict]');
    await verdict.waitFor({ timeout: 90_000 });
    expect(await verdict.textContent()).toContain('Every invariant holds');
    expect(await verdict.getAttribute('data-verdict')).toBe('PASS');
    expect(await findings(page, [390, 'dark'], [1440, 'light'])).toEqual([]);
    expect(await firstLoadKb(page)).toBeLessThan(BUDGET_KB);
    const [report] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: /^Open the report/ }).click(),
    ]);
    await report.getByRole('heading', { name: 'Rolling restart' }).waitFor();
    expect(await report.title()).toBe('PASS: Rolling restart');

    await region(page, 'Evidence').locator('[data-met="true"]').nth(2).waitFor();
    const kept = page.waitForEvent('download');
    await page.getByRole('link', { name: 'history' }).click();
    expect((await kept).suggestedFilename()).toMatch(/-rolling-restart-history\.jsonl$/);

    // Its load was short; another run of it would be as long as its steps are now.
    const known = (await (await page.request.get(`${system.url}/api/experiments`)).json()) as ExperimentList;
    const longer = { ...known, items: known.items.map((one) => ({ ...one, method_s: 3_000 })) };
    await page.route('**/api/experiments', (route) => route.fulfill({ json: longer }));
    await page.reload();
    await page.getByRole('button', { name: 'Run it again with the same seed' }).click();
    await page.getByText('It has 50 min of load').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();

    // With a copy of itself: one game day is dear enough.
    const id = new URL(page.url()).pathname.split('/').at(-1) as string;
    const other = '2026-01-01T00-00-00-rolling-restart';
    const read = async (path: string) => (await page.request.get(`${system.url}/api/gamedays${path}`)).json();
    const list = (await read('?limit=15')) as { items: Gameday[] };
    const run = (await read(`/${id}`)) as GamedayDetail;
    const copy: Gameday = { ...run.gameday, id: other, orders: (run.gameday.orders ?? 0) + 7 };
    await page.route('**/api/gamedays?*', (route) =>
      route.fulfill({ json: { ...list, items: [...list.items, copy] } }),
    );
    await page.route(`**/api/gamedays/${other}`, (route) => route.fulfill({ json: { ...run, gameday: copy } }));
    await page.getByLabel('Compare with').selectOption(other, { timeout: 30_000 });
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.waitForURL(`**/gamedays/compare?a=${other}&b=${id}`);
    await page.getByRole('row', { name: /^orders [\d,]+ [\d,]+ −7$/ }).waitFor();
    await page.getByRole('row', { name: /^orders a second 105 105 same$/ }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    expect(await page.getByRole('region', { name: 'Chart: Response time' }).count()).toBe(2);
    expect(await findings(page, [390, 'light'], [1440, 'dark'])).toEqual([]);
    expect(await firstLoadKb(page)).toBeLessThan(BUDGET_KB);

    await page.getByRole('link', { name: 'All game days' }).click();
    await region(page, 'Past game days').locator(`a[href="/gamedays/${id}"]`).getByText('Rolling restart').waitFor();
    await stranger.context().close();
    await context.close();
  });

  it('stop after a confirmation, and say so; the page tells when the laboratory is gone', async () => {
    const context = await system.context({ operator: true });
    const page = await context.newPage();
    await page.goto(`${system.url}/gamedays`);
    // The easy ones first, and a run of hours only after a question.
    const levels = page.getByRole('heading', { level: 3, name: /^(Easy|Medium|Hard): / });
    const shown = async () => (await levels.allTextContents()).map((text) => text.split(':')[0]);
    await expect.poll(shown, { timeout: 30_000 }).toEqual(['Easy', 'Medium', 'Hard']);
    const search = page.getByLabel('Search the experiments');
    await search.fill((await search.getAttribute('placeholder'))?.replace('Search: ', '') ?? '');
    await page.getByRole('button', { name: 'Start Everything at once' }).waitFor();
    await search.fill('no such words');
    await page.getByRole('status').getByText('No experiment has these words.').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).press('Enter');
    expect(await search.and(page.locator(':focus')).inputValue()).toBe('');
    await expect.poll(shown).toEqual(['Easy', 'Medium', 'Hard']);
    await search.fill('growth');
    expect(await levels.count()).toBe(1);
    await page.getByRole('button', { name: /^Start Two hours/ }).click();
    await page.getByRole('button', { name: 'Start the game day' }).click();
    await page.getByText('It has 2 h of load').waitFor();
    await page.getByRole('button', { name: 'Not now' }).and(page.locator(':focus')).press('Enter');
    await page.getByText('It has 2 h of load').waitFor({ state: 'detached' });
    await search.fill('');
    await page.getByRole('button', { name: 'Start Flash sale' }).click();
    await page.getByRole('button', { name: 'Start the game day' }).click();
    // By keyboard: the focus is not lost when one button replaces another.
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    await page.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
    expect(await focused()).toBe('Go on');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Stop');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Yes, stop it' }).press('Enter');
    // It had hardly begun, so there is nothing to report.
    await page.locator('[data-verdict="none"]').getByText('no verdict').waitFor({ timeout: 30_000 });

    await system.stack.process('laboratory').hold();
    await page.goto(`${system.url}/gamedays`);
    await page.getByText('The laboratory does not answer').waitFor();
    await context.close();
  });
});

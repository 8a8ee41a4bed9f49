import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

export type Look = readonly [width: number, scheme: 'light' | 'dark'];

export const EVERY_LOOK: readonly Look[] = [
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'dark'],
  [390, 'light'],
];

/** The problems of a page in each look: what axe finds, and whether the page overflows. */
export async function findings(page: Page, ...looks: readonly Look[]): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(axe.source);
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(150);
    const where = `${page.url()} at ${width} px in ${colorScheme}`;
    // Charts are redrawn a moment after the window's width changes.
    await page
      .waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, null, { timeout: 10_000 })
      .catch(() => found.push(`${where}: does not fit`));
    // Without the rules that passed: their nodes would cost more than the test itself.
    const violations = await page.evaluate(
      async () => (await window.axe.run({ resultTypes: ['violations'] })).violations,
    );
    for (const { id, impact, nodes } of violations) {
      found.push(`${where}: ${id} (${impact}) at ${nodes.map((node) => node.target.join(' ')).join('; ')}`);
    }
  }
  return found;
}

/** What a page lacks for those who do not see it, or do not use a mouse: its title, its heading, its landmarks, an order of focus that follows the page. */
export async function structure(page: Page): Promise<string[]> {
  const lacks = await page.evaluate(() => {
    const count = (found: string) => document.querySelectorAll(found).length;
    const found: string[] = [];
    if (!/\S · Valerix$/.test(document.title)) found.push(`its title is "${document.title}"`);
    if (!document.querySelector('h1')?.textContent || count('h1') !== 1)
      found.push(`it has ${count('h1')} main headings`);
    for (const mark of ['body > header', 'header nav[aria-label]', 'body > main', 'body > footer']) {
      if (count(mark) !== 1) found.push(`it has ${count(mark)} of ${mark}`);
    }
    const usable = 'a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex="0"]';
    window.stops = [...document.querySelectorAll<HTMLElement>(usable)];
    return found;
  });
  const order: number[] = [];
  for (let tab = 0; tab < 20; tab++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => window.stops.indexOf(document.activeElement as HTMLElement));
    // Round again.
    if (at === 0 && order.length > 0) break;
    // A field for a time has several stops; what was rendered anew is another element.
    if (at >= 0 && at !== order.at(-1)) order.push(at);
  }
  const sorted = order.every((at, index) => index === 0 || at > (order[index - 1] ?? 0));
  if (order[0] !== 0 || order.length < 10 || !sorted) lacks.push(`the focus goes ${order.join(', ')}`);
  return lacks;
}

/** The widths, px, at which a page is wider than its window, or its header higher than the page's `scroll-padding` and sticky parts assume. */
export async function misfits(page: Page, widths: readonly number[]): Promise<string[]> {
  const found: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const { wide, high, assumed } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      high: document.querySelector('header')?.offsetHeight ?? 0,
      assumed: Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--header')),
    }));
    if (wide > width) found.push(`${width} px: the page is ${wide} px wide`);
    // Enlarged to 400 %, a wide screen is 320 px wide: there, a third row is better than a hidden word.
    if (width > 320 && high > assumed + 1) found.push(`${width} px: the header is ${high} px high`);
  }
  return found;
}

/** Whether the whole element can be seen: nothing that scrolls hides it, and nothing covers its edges. */
export const isInView = (element: Locator): Promise<boolean> =>
  element.evaluate((shown) => {
    const { x, y, width, height } = shown.getBoundingClientRect();
    const middles = [0.02, 0.98].flatMap((part) => [
      document.elementFromPoint(x + part * width, y + height / 2),
      document.elementFromPoint(x + width / 2, y + part * height),
    ]);
    return middles.every((found) => found !== null && shown.contains(found));
  });

/** Counts the compressed scripts that a page loads from now on, in kB (1000 bytes), those of its workers not included. */
export async function countScripts(page: Page): Promise<() => number> {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Map<string, number>();
  client.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.url.includes('.js')) scripts.set(requestId, 0);
  });
  client.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    const size = scripts.get(requestId);
    if (size !== undefined) scripts.set(requestId, size + encodedDataLength / 1000);
  });
  return () => [...scripts.values()].reduce((sum, size) => sum + size, 0);
}

interface Shift {
  readonly value: number;
  readonly moved: readonly string[];
}

/** Watches for content that moves without an input of the user. The returned function gives the shifts since then, largest first. */
export async function watchShifts(page: Page): Promise<() => Promise<Shift[]>> {
  await page.evaluate(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as unknown as LayoutShift;
        const moved = sources.map(({ node }) => node?.textContent?.trim().slice(0, 60) ?? '');
        if (!hadRecentInput) window.shifts.push({ value, moved });
      }
    }).observe({ type: 'layout-shift' });
  });
  return async () => (await page.evaluate(() => window.shifts)).sort((a, b) => b.value - a.value);
}

/** https://wicg.github.io/layout-instability/, which TypeScript's DOM does not know. */
interface LayoutShift {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: ReadonlyArray<{ readonly node: Node | null }>;
}

declare global {
  interface Window {
    shifts: Shift[];
    stops: HTMLElement[];
    axe: typeof axe;
  }
}

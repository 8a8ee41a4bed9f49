import axe from 'axe-core';
import type { Page } from 'playwright-core';

export type Look = readonly [width: number, scheme: 'light' | 'dark'];

export const EVERY_LOOK: readonly Look[] = [
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'dark'],
  [390, 'light'],
];

/** The problems of a page in each look: what axe calls serious or critical, and whether the page overflows. */
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
    const { violations } = await page.evaluate(() => window.axe.run());
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      found.push(`${where}: ${id} (${impact}) at ${nodes.map((node) => node.target.join(' ')).join('; ')}`);
    }
  }
  return found;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

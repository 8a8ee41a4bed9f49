import { readStored, writeStored } from '../browser/hooks.ts';

const KEY = 'valerix.theme';

/** The event after which charts redraw their canvas. */
export const THEME_CHANGED = 'valerix:theme';

/** Swaps light and dark, and stores the choice. Before the first choice, the system's theme counts. */
export function changeTheme(): void {
  const chosen = readStored(KEY);
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const next = dark ? 'light' : 'dark';
  writeStored(KEY, next);
  document.documentElement.dataset.theme = next;
  window.dispatchEvent(new Event(THEME_CHANGED));
}

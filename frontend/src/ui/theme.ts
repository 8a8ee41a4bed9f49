import { readStored, writeStored } from '../browser/hooks.ts';

type Theme = 'light' | 'dark';
const KEY = 'valerix.theme';

/** The theme in force: the one chosen here, else the system's. */
function currentTheme(): Theme {
  const chosen = readStored(KEY);
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function nextTheme(): Theme {
  return currentTheme() === 'dark' ? 'light' : 'dark';
}

/** Charts draw on canvas and have to be told. */
export const THEME_CHANGED = 'valerix:theme';

export function applyTheme(theme: Theme): void {
  writeStored(KEY, theme);
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event(THEME_CHANGED));
}

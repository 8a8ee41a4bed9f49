import { useSyncExternalStore } from 'react';
import { readStored, writeStored } from '../browser/storage.ts';

const KEY = 'valerix.theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** Tells every user of the theme of a change. */
const THEME_CHANGED = 'valerix:theme';

/** The chosen theme; the system's unless one was chosen. */
export function chosenTheme(): Theme {
  const stored = readStored(KEY);
  return THEMES.find((one) => one === stored) ?? 'system';
}

/** Goes on to the next theme: the system's, light, dark. */
export function changeTheme(): void {
  const next = THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length] ?? 'system';
  writeStored(KEY, next);
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  window.dispatchEvent(new Event(THEME_CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(THEME_CHANGED, listener);
  return () => window.removeEventListener(THEME_CHANGED, listener);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, chosenTheme, () => 'system');

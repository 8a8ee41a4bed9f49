import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { readStored } from '../browser/storage.ts';
import { searchField } from './search.tsx';
import { changeTheme } from './theme.ts';

export type Page = Readonly<Record<'href' | 'label' | 'key', string>>;

/** The longest time between `g` and the second key. */
const CHORD_MS = 1_200;

/** Holds `off` once a user has switched the shortcuts off: speech control types letters too. `?` still opens their list. */
export const SHORTCUTS_KEY = 'valerix.shortcuts';

/** `g` and a letter open a page, `/` goes to the search field, `t` changes the theme, `?` lists the shortcuts. */
export function useShortcuts(pages: readonly Page[]) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  useEffect(() => {
    let goAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key !== '?' && readStored(SHORTCUTS_KEY) === 'off') return;
      const page = pages.find((one) => one.key === event.key);
      if (Date.now() - goAt < CHORD_MS && page !== undefined) {
        goAt = 0;
        setOpen(false);
        router.push(page.href);
      } else if (event.key === 'g') goAt = Date.now();
      else if (event.key === '?') setOpen((was) => !was);
      else if (event.key === 't') changeTheme();
      else if (event.key === '/') {
        const search = searchField();
        if (search === null) return;
        event.preventDefault();
        search.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [pages, router]);
  return { open, close: () => setOpen(false), toggle: () => setOpen((was) => !was) };
}

/** A checkbox or a slider takes no letters. The list of shortcuts gives the focus to its checkbox. */
const TYPED_INTO = 'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select, [contenteditable]';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest(TYPED_INTO) !== null;

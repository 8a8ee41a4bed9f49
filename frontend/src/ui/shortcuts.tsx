import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { readStored, useStored } from '../browser/hooks.ts';
import { Button } from './controls.tsx';
import { changeTheme } from './theme.ts';

type Page = Readonly<Record<'href' | 'label' | 'key', string>>;

/** The longest time between `g` and the second key. */
const CHORD_MS = 1_200;

/** Holds `off` once a user has switched the shortcuts off: speech control types letters too. `?` still opens their list. */
const SHORTCUTS_KEY = 'valerix.shortcuts';

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
        router.push(page.href);
      } else if (event.key === 'g') goAt = Date.now();
      else if (event.key === '?') setOpen((was) => !was);
      else if (event.key === 't') changeTheme();
      else if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]');
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

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

export function ShortcutHelp({ open, close, pages }: { open: boolean; close: () => void; pages: readonly Page[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [stored, setStored] = useStored(SHORTCUTS_KEY, 'on');
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const rows: Array<[string, string]> = [
    ...pages.map((page): [string, string] => [`g ${page.key}`, `Go to ${page.label}`]),
    ['/', 'Search, where there is a search field'],
    ['t', 'Theme: system, light or dark'],
    ['?', 'This list'],
    ['Esc', 'Close'],
  ];
  return (
    <dialog
      aria-labelledby="shortcut-title"
      className="m-auto w-[min(26rem,92vw)] rounded-xl border border-line bg-surface p-5 text-text backdrop:bg-black/40"
      onClose={close}
      ref={dialog}
    >
      <h2 className="mb-3" id="shortcut-title">
        Keyboard shortcuts
      </h2>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {rows.map(([keys, what]) => (
          <div className="contents" key={keys}>
            <dt className="flex gap-1">
              {keys.split(' ').map((key) => (
                <kbd className="rounded border border-line-strong bg-raised px-1.5 font-mono text-[0.92rem]" key={key}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{what}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-4 flex items-center gap-2">
        <input
          checked={stored !== 'off'}
          onChange={(event) => setStored(event.target.checked ? 'on' : 'off')}
          type="checkbox"
        />
        Use these single-key shortcuts
      </label>
      <Button small className="mt-4" onClick={close} text="Close" />
    </dialog>
  );
}

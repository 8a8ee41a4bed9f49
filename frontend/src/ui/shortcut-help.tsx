import { useEffect, useRef } from 'react';
import { useStored } from '../browser/hooks.ts';
import { Button } from './controls.tsx';
import { type Page, SHORTCUTS_KEY } from './shortcuts.ts';

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
                <kbd className="rounded border border-line-strong bg-raised px-1.5 font-mono text-sm" key={key}>
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

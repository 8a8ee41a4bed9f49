import { type ReactNode, useId, useState } from 'react';
import type { Word } from './glossary.ts';

/** A term that says what it means under the mouse or with the focus. The texts are loaded when the first is asked for. */
export function Term({ word, children }: { word: Word; children: ReactNode }) {
  const [meaning, setMeaning] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const show = async () => {
    setOpen(true);
    const { GLOSSARY } = await import('./glossary.ts');
    setMeaning(GLOSSARY[word]);
  };
  const hide = () => setOpen(false);
  return (
    <span className="relative inline-block">
      <button
        aria-describedby={open ? id : undefined}
        className="cursor-help underline decoration-dotted decoration-1 underline-offset-2"
        onBlur={hide}
        onClick={show}
        onFocus={show}
        onKeyDown={({ key }) => key === 'Escape' && hide()}
        onPointerEnter={show}
        onPointerLeave={hide}
        type="button"
      >
        {children}
      </button>
      {open && meaning !== null ? (
        <span
          className="absolute top-full left-0 z-30 mt-1 w-64 rounded-lg border border-line-strong bg-surface p-2 font-normal text-sm text-text shadow-lg"
          id={id}
          role="tooltip"
        >
          {meaning}
        </span>
      ) : null}
    </span>
  );
}

'use client';

import Link from 'next/link';
import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from 'react';
import { Alert } from './forms.tsx';
import { Icon, type IconName } from './icons.tsx';

interface ButtonProps extends ComponentProps<'button'> {
  readonly text: ReactNode;
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly main?: boolean;
  readonly danger?: boolean;
  /** A double click counts as one click, even if the first click was answered at once. */
  readonly once?: boolean;
  /** Its action is under way: it does nothing, and keeps the focus, which a disabled button would lose. */
  readonly busy?: boolean;
}

export function Button(props: ButtonProps) {
  const { text, icon, small, main, danger, once, busy = false, className = '', onClick, ...rest } = props;
  const look = `button ${small ? 'button-small' : ''} ${main ? 'button-main' : ''} ${danger ? 'button-danger' : ''}`;
  return (
    <button
      aria-disabled={busy || undefined}
      className={`${look} ${className}`}
      onClick={(event) => (busy || (once && event.detail > 1) ? event.preventDefault() : onClick?.(event))}
      type="button"
      {...rest}
    >
      {icon ? <Icon name={icon} size={13} /> : null}
      {text}
    </button>
  );
}

export function TextLink({ href, text }: { href: string; text: string }) {
  return (
    <Link className="link" href={href}>
      {text}
    </Link>
  );
}

interface ConfirmProps {
  readonly text: string;
  readonly busyText: string;
  readonly yes: string;
  readonly no: string;
  /** What will happen, beside the question. */
  readonly note?: string;
  readonly small?: boolean;
  readonly icon?: IconName;
  readonly action: { readonly busy: boolean; readonly error: Error | null };
  readonly act: () => unknown;
  /** Focuses the answer that changes nothing. */
  readonly cautious?: boolean;
  /** Replaces the buttons once the action is accepted. */
  readonly done?: ReactNode;
}

/** Asks once more before it acts. The focus stays here while buttons replace each other. */
export function Confirm({ text, busyText, yes, no, note, small, icon, action, act, cautious, done }: ConfirmProps) {
  const { busy, error } = action;
  const [sure, setSure] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const pressed = useRef(false);
  const over = done !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step and the end replace the focused button
  useEffect(() => {
    const { activeElement, body } = document;
    const lost = activeElement === body || place.current?.contains(activeElement);
    if (!pressed.current || !lost) return;
    const buttons = [...(place.current?.querySelectorAll<HTMLElement>('button:enabled') ?? [])];
    (buttons.at(cautious ? -1 : 0) ?? place.current)?.focus();
  }, [sure, busy, over]);
  const ask = (next: boolean) => {
    pressed.current = true;
    setSure(next);
  };
  const go = () => {
    ask(false);
    act();
  };
  return (
    <span className="inline-flex flex-wrap items-center gap-2 outline-none" ref={place} tabIndex={-1}>
      {done}
      {!over && sure ? (
        <>
          {note ? <span>{note}</span> : null}
          <Button danger onClick={go} small={small} text={yes} />
          <Button onClick={() => ask(false)} small={small} text={no} />
        </>
      ) : null}
      {over || sure ? null : (
        <Button
          danger
          disabled={busy}
          icon={icon}
          onClick={() => ask(true)}
          small={small}
          text={busy ? busyText : text}
        />
      )}
      <Alert error={error} />
    </span>
  );
}

'use client';

import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import { usePathname } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { formatTime } from '../browser/format.ts';
import { ApiError, isNotFound } from '../browser/http.ts';
import { Button, TextLink } from './controls.tsx';
import { Explained } from './explained.tsx';
import { Icon, type IconName } from './icons.tsx';
import { TONES, type Tone } from './status.tsx';

/** The head of a page: its name, its purpose, and its main actions. */
export function PageHead({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        <h1>{title}</h1>
        {lead ? (
          <div className="max-w-[72ch] text-muted">{typeof lead === 'string' ? <Explained text={lead} /> : lead}</div>
        ) : null}
      </div>
      {children ? <div className="flex flex-wrap items-center gap-2">{children}</div> : null}
    </div>
  );
}

/** A message about an event, or about something that needs attention. */
export function Note({ tone, children, icon }: { tone: Tone; children: ReactNode; icon?: IconName }) {
  const usual = tone === 'bad' ? 'warn' : tone;
  return (
    <div className={`flex items-start gap-2 rounded-lg px-3 py-2 ${TONES[tone].soft}`} role="status">
      <Icon className="mt-[3px]" name={icon ?? usual} />
      <div className="min-w-0 text-text">{children}</div>
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="px-2 py-6 text-center text-muted">{children}</p>;
}

/** Grey bars while data loads. */
export function Loading({ rows = 4, label = 'Loading' }: { rows?: number | undefined; label?: string }) {
  return (
    <div aria-busy="true" className="space-y-2 py-2" role="status">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div className="pulse h-6 rounded bg-raised" key={row} style={{ width: `${96 - ((row * 13) % 30)}%` }} />
      ))}
    </div>
  );
}

export function TryAgain({ retry }: { retry: () => unknown }) {
  return <Button small className="mt-2" onClick={retry} icon="retry" text="Try again" />;
}

interface QueryStateProps {
  readonly query: Pick<UseQueryResult, 'isPending' | 'isError' | 'error'> & { readonly refetch: () => unknown };
  /** The name of the data, as the start of a sentence: "The ledger". */
  readonly what: string;
  readonly rows?: number;
  /** Shown instead of a failure after a 404. */
  readonly missing?: ReactNode;
}

/** Replaces data that is loading, could not be read, or does not exist. */
export function QueryState({ query, what, rows, missing }: QueryStateProps) {
  if (query.isPending) return <Loading label={`Loading ${what.charAt(0).toLowerCase()}${what.slice(1)}`} rows={rows} />;
  if (!query.isError) return null;
  if (missing && isNotFound(query.error)) return missing;
  const { error } = query;
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return <NotForYou what={what} />;
  return (
    <Note tone="bad">
      <p className="font-medium">{what} could not be read</p>
      <p>
        {error?.message} {error instanceof ApiError ? <code className="text-muted">{error.code}</code> : null}
      </p>
      <TryAgain retry={query.refetch} />
    </Note>
  );
}

/** Shown instead of data that a service shows to others only. */
function NotForYou({ what }: { what: string }) {
  const path = usePathname();
  return (
    <Note icon="person" tone="info">
      {what} can be seen by operators and, where it is about one order, by its owner.{' '}
      <TextLink href={`/sign-in?next=${encodeURIComponent(path)}`} text="Sign in" />
    </Note>
  );
}

type Paged = Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage'> & { fetchNextPage: () => unknown };

/** Reads the next page of a list; hidden after the last one. */
export function MoreButton({ query, text }: { query: Paged; text: string }) {
  if (!query.hasNextPage) return null;
  return (
    <Button
      small
      className="mt-2"
      disabled={query.isFetchingNextPage}
      onClick={query.fetchNextPage}
      text={query.isFetchingNextPage ? 'Loading' : text}
    />
  );
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-7 items-baseline justify-between gap-3 py-0.5">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}

/** A long id with a copy button, which says if the browser refuses to copy. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  const copy = async () => {
    try {
      // The clipboard is absent on plain http from another host.
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
      setTimeout(() => setOutcome(null), 1200);
    } catch {
      setOutcome('refused');
    }
  };
  return (
    <>
      <span className="inline-flex min-w-0 max-w-full items-center gap-1">
        <code className="min-w-0 break-all text-sm">{text}</code>
        <button
          aria-label={`Copy ${label}`}
          className="rounded p-1 text-muted hover:text-text"
          onClick={copy}
          type="button"
        >
          <Icon name={outcome === 'copied' ? 'ok' : 'copy'} size={13} />
        </button>
      </span>
      <span className={outcome === 'refused' ? 'block text-muted' : 'sr-only'} role="status">
        {outcome === 'copied' ? 'Copied.' : null}
        {outcome === 'refused' ? 'Not copied: the browser does not allow it here. Select the text instead.' : null}
      </span>
    </>
  );
}

export function Spinner({ label }: { label: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon className="pulse" name="wait" size={14} />
      {label}
    </span>
  );
}

/** A time that machines can read too; `at` is in ISO 8601. */
export function Time({ at, text = formatTime(at), className }: { at: string; text?: string; className?: string }) {
  return (
    <time className={className} dateTime={at} suppressHydrationWarning>
      {text}
    </time>
  );
}

/** A sentence with a link to another page, after a 404 or for an empty list. */
export function EmptyWith({ text, link, href }: { text: string; link: string; href: string }) {
  return (
    <Empty>
      {text} <TextLink href={href} text={link} />
    </Empty>
  );
}

/** A number, with its name in small letters above or below it. */
export function Figure({ name, value, below = false }: { name: string; value: ReactNode; below?: boolean }) {
  return (
    <div className={below ? 'flex flex-col-reverse' : ''}>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

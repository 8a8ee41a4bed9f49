'use client';

import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiError, isNotFound } from '../browser/http.ts';
import { Icon, type IconName } from './icons.tsx';
import { TONE_SOFT, type Tone } from './status.tsx';

/** The head of a page: its name, one line on what it is for, and its main actions. */
export function PageHead({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        <h1>{title}</h1>
        {lead ? <p className="max-w-[72ch] text-muted">{lead}</p> : null}
      </div>
      {children ? <div className="flex flex-wrap items-center gap-2">{children}</div> : null}
    </div>
  );
}

/** A line that says something happened or needs attention. */
export function Note({ tone, children, icon }: { tone: Tone; children: ReactNode; icon?: IconName }) {
  const fallback: Record<Tone, IconName> = { ok: 'ok', warn: 'warn', bad: 'warn', info: 'info', unknown: 'unknown' };
  return (
    <div className={`flex items-start gap-2 rounded-lg px-3 py-2 ${TONE_SOFT[tone]}`} role="status">
      <Icon className="mt-[3px]" name={icon ?? fallback[tone]} />
      <div className="min-w-0 text-text">{children}</div>
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="px-2 py-6 text-center text-muted">{children}</p>;
}

/** Grey bars where data is on its way. */
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

/** What went wrong, in the service's own words, and a way to try again. */
function Failure({ error, retry, what }: { error: unknown; retry: () => void; what: string }) {
  const code = error instanceof ApiError ? error.code : null;
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <Note tone="bad">
      <p className="font-medium">{what} could not be read</p>
      <p>
        {detail} {code ? <code className="text-muted">{code}</code> : null}
      </p>
      <TryAgain retry={retry} />
    </Note>
  );
}

export function TryAgain({ retry }: { retry: () => void }) {
  return (
    <button className="button button-small mt-2" onClick={retry} type="button">
      <Icon name="retry" size={13} /> Try again
    </button>
  );
}

interface QueryStateProps {
  readonly query: Pick<UseQueryResult, 'isPending' | 'isError' | 'error'> & { readonly refetch: () => unknown };
  /** What is read, as it begins a sentence: "The ledger". */
  readonly what: string;
  /** How many grey bars stand in for it. */
  readonly rows?: number;
  /** Said instead of a failure when the service answered that there is no such thing. */
  readonly missing?: ReactNode;
}

/** What stands in the place of data that is on its way, could not be read, or does not exist. */
export function QueryState({ query, what, rows, missing }: QueryStateProps) {
  if (query.isPending) return <Loading label={`Loading ${what.charAt(0).toLowerCase()}${what.slice(1)}`} rows={rows} />;
  if (!query.isError) return null;
  if (missing && isNotFound(query.error)) return <Empty>{missing}</Empty>;
  return <Failure error={query.error} retry={() => void query.refetch()} what={what} />;
}

interface MoreButtonProps {
  readonly query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage'> & {
    readonly fetchNextPage: () => unknown;
  };
  readonly children: string;
}

/** Reads the next page of a list, as long as there is one. */
export function MoreButton({ query, children }: MoreButtonProps) {
  if (!query.hasNextPage) return null;
  return (
    <button
      className="button button-small mt-2"
      disabled={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
      type="button"
    >
      {query.isFetchingNextPage ? 'Loading' : children}
    </button>
  );
}

/** The head of a table; a column whose name begins with `>` is right-aligned. */
export function TableHead({ columns }: { columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th className={column.startsWith('>') ? 'text-right' : ''} key={column} scope="col">
            {column.replace('>', '')}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A name and its value, for dense lists of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-3 py-[3px]">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}

/** A long id that can be copied. Says so when the browser does not let it. */
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
        <code className="min-w-0 break-all text-[0.92rem]">{text}</code>
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

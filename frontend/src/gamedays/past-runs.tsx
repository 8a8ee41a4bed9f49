'use client';

import type { Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatSeconds, formatTime, plural } from '../browser/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, MoreButton, QueryState, TableHead } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import type { useGamedays } from './use-gamedays.ts';
import { lookOf } from './words.ts';

/** The runs that are over, newest first, those of terminals too. */
export function PastRuns({ runs, query }: { runs: readonly Gameday[]; query: ReturnType<typeof useGamedays> }) {
  return (
    <>
      <QueryState query={query} rows={5} what="Past game days" />
      {query.isSuccess && runs.length === 0 ? (
        <Empty>
          No game day has ended yet. Those of <code>make gameday</code> are listed here too.
        </Empty>
      ) : null}
      {runs.length > 0 ? (
        <table className="table table-stacked">
          <TableHead columns={['Verdict', 'Experiment', 'Orders', 'When', 'Took', 'Report']} />
          <tbody>
            {runs.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
      ) : null}
      <MoreButton query={query}>Older</MoreButton>
    </>
  );
}

function Row({ run }: { run: Gameday }) {
  const { id, experiment, title, orders, violations, started_at, took_s, has_report } = run;
  const { tone, word } = lookOf(run);
  return (
    <tr className="hover:bg-raised" data-run={id}>
      <td>
        <Status tone={tone}>{word}</Status>
      </td>
      <td>
        <Link className="link" href={`/gamedays/${id}`} prefetch={false}>
          {title ?? experiment}
        </Link>
        {violations ? <span className="ml-2 text-bad">{plural(violations, 'violation')}</span> : null}
      </td>
      <td className={orders === null ? 'wide-only' : ''}>
        {formatCount(orders)} <span className="text-muted md:hidden">orders</span>
      </td>
      <td className="text-muted">
        <time dateTime={started_at} suppressHydrationWarning>
          {formatTime(started_at)}
        </time>
      </td>
      <td className={`text-muted ${took_s === null ? 'wide-only' : ''}`}>{formatSeconds(took_s)}</td>
      <td className={has_report ? '' : 'wide-only'}>
        {has_report ? <ReportLink id={id} of={title ?? experiment} /> : <span className="text-muted">none</span>}
      </td>
    </tr>
  );
}

/** The report is a page of its own, which runs nothing: it opens beside the dashboard. */
export function ReportLink({ id, of, whole = false }: { id: string; of: string; whole?: boolean }) {
  return (
    <a
      aria-label={`Open the report of ${of} in a new tab`}
      className={whole ? 'button button-main' : 'link inline-flex items-center gap-1'}
      href={`/api/gamedays/${id}/report`}
      rel="noreferrer"
      target="_blank"
    >
      {whole ? 'Open the report' : 'Open'} <Icon name="open" size={13} />
    </a>
  );
}

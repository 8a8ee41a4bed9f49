import type { Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatSeconds, plural } from '../browser/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, MoreButton, QueryState, Time } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { type Column, Table } from '../ui/table.tsx';
import type { useGamedays } from './use-gamedays.ts';
import { lookOf } from './words.ts';

/** The runs that have ended, newest first, including those from a terminal. */
export function PastRuns({ runs, query }: { runs: readonly Gameday[]; query: ReturnType<typeof useGamedays> }) {
  return (
    <>
      <QueryState query={query} rows={5} what="Past game days" />
      {query.isSuccess && runs.length === 0 ? (
        <Empty>
          No game day has ended yet. This list also shows those of <code>make gameday</code>.
        </Empty>
      ) : null}
      <Table columns={COLUMNS} keyOf={(run) => run.id} rows={runs} stacked />
      <MoreButton query={query} text="Older" />
    </>
  );
}

const nameOf = ({ title, experiment }: Gameday): string => title ?? experiment;

const COLUMNS: ReadonlyArray<Column<Gameday>> = [
  ['Verdict', (run) => <Status {...lookOf(run)} />],
  ['Experiment', (run) => <RunLink run={run} />],
  ['Orders', (run) => <Orders count={run.orders} />, ({ orders }) => (orders === null ? 'wide-only' : '')],
  ['When', (run) => <Time at={run.started_at} />, 'text-muted'],
  ['Took', (run) => formatSeconds(run.took_s), ({ took_s }) => `text-muted ${took_s === null ? 'wide-only' : ''}`],
  [
    'Report',
    (run) => (run.has_report ? <ReportLink id={run.id} of={nameOf(run)} /> : <span className="text-muted">none</span>),
    ({ has_report }) => (has_report ? '' : 'wide-only'),
  ],
];

function RunLink({ run }: { run: Gameday }) {
  return (
    <>
      <Link className="link" href={`/gamedays/${run.id}`} prefetch={false}>
        {nameOf(run)}
      </Link>
      {run.violations ? <span className="ml-2 text-bad">{plural(run.violations, 'violation')}</span> : null}
    </>
  );
}

function Orders({ count }: { count: number | null }) {
  return (
    <>
      {formatCount(count)} <span className="text-muted md:hidden">orders</span>
    </>
  );
}

/** The report is a static page of its own, in a new tab. */
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

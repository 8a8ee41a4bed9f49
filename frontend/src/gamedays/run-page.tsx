'use client';

import type { Gameday, GamedayPoint } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatSpan, formatTime } from '../browser/format.ts';
import { CopyText, Fact, Failure, Loading, PageHead } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { LiveNow } from './live-now.tsx';
import { ReportLink } from './past-runs.tsx';
import { RunCharts } from './run-charts.tsx';
import { useRun } from './use-gamedays.ts';
import { faultSpans, lookOf } from './words.ts';

/** One game day: live while it goes on, its verdict first when it is over. */
export function RunPage({ id }: { id: string }) {
  const { run, query } = useRun(id);
  const gameday = run?.gameday;
  return (
    <>
      <PageHead
        lead={gameday ? <Subtitle gameday={gameday} /> : null}
        title={gameday?.title ?? gameday?.experiment ?? 'Game day'}
      >
        <Link className="button" href="/gamedays">
          All game days
        </Link>
      </PageHead>
      {query.isPending ? <Loading label="Loading the game day" rows={6} /> : null}
      {query.isError && !run ? (
        <Failure error={query.error} retry={() => void query.refetch()} what="The game day" />
      ) : null}
      {run ? (
        <div className="space-y-3">
          {run.gameday.state === 'running' ? (
            <LiveNow connected={run.connected} gameday={run.gameday} />
          ) : (
            <Ended gameday={run.gameday} />
          )}
          {run.points.length > 0 || run.gameday.state === 'running' ? (
            <>
              <RunCharts
                ended={run.gameday.state !== 'running'}
                durationS={run.gameday.duration_s ?? 0}
                points={run.points}
              />
              <Faults
                ended={run.gameday.state !== 'running'}
                active={run.gameday.progress?.faults ?? []}
                points={run.points}
              />
            </>
          ) : null}
          <Setup gameday={run.gameday} />
        </div>
      ) : null}
    </>
  );
}

function Subtitle({ gameday: { started_at, started_by } }: { gameday: Gameday }) {
  return (
    <>
      Started{' '}
      <time dateTime={started_at} suppressHydrationWarning>
        {formatTime(started_at)}
      </time>
      {started_by === 'terminal' ? ', in a terminal' : ''}
    </>
  );
}

/** What came of it, before anything else. */
function Ended({ gameday }: { gameday: Gameday }) {
  const { id, title, experiment, verdict, reasons, problem, has_report, orders, violations, took_s } = gameday;
  const { tone, word } = lookOf(gameday);
  const edge = { ok: 'border-l-ok', bad: 'border-l-bad', warn: 'border-l-warn', info: '', unknown: 'border-l-unknown' };
  return (
    <section aria-label="Verdict" className={`card border-l-4 ${edge[tone]}`} data-verdict={verdict ?? 'none'}>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-[15rem] flex-1 space-y-1.5">
          <h2 className="text-[1.15rem]">
            <Status tone={tone}>{word}</Status>
          </h2>
          {reasons.length > 0 ? (
            <ul className="space-y-1">
              {reasons.map((reason) => (
                <li className="break-words" key={reason}>
                  {reason}
                </li>
              ))}
            </ul>
          ) : null}
          {problem ? <p className="whitespace-pre-wrap break-words">{problem}</p> : null}
        </div>
        <dl className="min-w-[12rem]">
          <Fact name="orders">{formatCount(orders)}</Fact>
          <Fact name="violations">
            <span className={violations ? 'font-medium text-bad' : ''}>{formatCount(violations)}</span>
          </Fact>
          <Fact name="took">{took_s === null ? '–' : formatSpan(took_s * 1000)}</Fact>
        </dl>
      </div>
      {has_report ? (
        <div className="mt-3 flex flex-wrap items-center gap-3">
          <ReportLink id={id} of={title ?? experiment} whole />
          <a className="link" href={`/api/gamedays/${id}/journal`} rel="noreferrer" target="_blank">
            Journal
          </a>
        </div>
      ) : null}
    </section>
  );
}

const during = (from: number, to: number): string => (from === to ? `at ${from} s` : `${from} s to ${to} s`);

interface FaultsProps {
  readonly points: readonly GamedayPoint[];
  readonly active: readonly string[];
  readonly ended: boolean;
}

function Faults({ points, active, ended }: FaultsProps) {
  const spans = faultSpans(points, active);
  return (
    <section aria-label="Faults" className="card">
      <h2 className="mb-1">{ended ? 'Faults' : 'Faults so far'}</h2>
      {spans.length === 0 ? <p className="text-muted">{ended ? 'None.' : 'None yet.'}</p> : null}
      <ol className="grid gap-x-8 gap-y-1 md:grid-cols-2">
        {spans.map(({ name, from, to }) => (
          <li className="flex flex-wrap items-center gap-x-3" key={`${name} ${from}`}>
            <span className="min-w-0 flex-1">{name}</span>
            {to === null ? (
              <Status icon="chaos" tone="warn">
                since {Math.round(from)} s
              </Status>
            ) : (
              <span className="text-muted">{during(Math.round(from), Math.round(to))}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Setup({ gameday }: { gameday: Gameday }) {
  const { id, experiment, target, seed, rate, duration_s } = gameday;
  return (
    <section aria-label="Setup" className="card">
      <h2 className="mb-1">Setup</h2>
      <dl className="grid gap-x-8 md:grid-cols-2">
        <Fact name="experiment">{experiment}</Fact>
        <Fact name="against">{target ?? 'a fresh local stack'}</Fact>
        <Fact name="orders a second">{formatCount(rate)}</Fact>
        <Fact name="load">{duration_s === null ? '–' : formatSpan(duration_s * 1000)}</Fact>
        <Fact name="seed">{seed ?? '–'}</Fact>
        <Fact name="folder">
          <CopyText label="the folder's name" text={id} />
        </Fact>
      </dl>
    </section>
  );
}

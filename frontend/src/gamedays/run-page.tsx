'use client';

import type { Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { formatCount, formatSeconds } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { useTitle } from '../browser/use-title.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Alert } from '../ui/forms.tsx';
import { CopyText, Fact, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { Plan } from './experiment-list.tsx';
import { LiveNow } from './live-now.tsx';
import { ReportLink } from './past-runs.tsx';
import { RunCharts } from './run-charts.tsx';
import type { LiveRun } from './run-stream.ts';
import { useExperiments, useRun, useStart } from './use-gamedays.ts';
import { faultSpans, lookOf } from './words.ts';

/** One game day: live while it runs, and with its verdict once it has ended. */
export function RunPage({ id }: { id: string }) {
  const { run, query } = useRun(id);
  const gameday = run?.gameday;
  useTitle(gameday ? `${lookOf(gameday).word}: ${gameday.title ?? gameday.experiment}` : null);
  const lead = gameday ? (
    <>
      Started <Time at={gameday.started_at} />
      {gameday.started_by === 'terminal' ? ', in a terminal' : ''}
    </>
  ) : null;
  return (
    <>
      <PageHead lead={lead} title={gameday?.title ?? gameday?.experiment ?? 'Game day'}>
        <Link className="button" href="/gamedays">
          All game days
        </Link>
      </PageHead>
      {run ? <Run run={run} /> : <QueryState query={query} rows={6} what="The game day" />}
    </>
  );
}

function Run({ run }: { run: LiveRun }) {
  const { gameday, points, connected } = run;
  const ended = gameday.state !== 'running';
  return (
    <div className="space-y-3">
      {ended ? <Ended gameday={gameday} /> : <LiveNow connected={connected} gameday={gameday} />}
      {ended && points.length === 0 ? null : (
        <>
          <RunCharts durationS={gameday.duration_s ?? 0} ended={ended} points={points} />
          <Faults ended={ended} run={run} />
        </>
      )}
      <div className="grid gap-3 lg:grid-cols-2">
        <PlanCard gameday={gameday} />
        <Setup gameday={gameday} />
      </div>
    </div>
  );
}

/** The hypothesis and the steps, with the current one marked; nothing for an experiment that the laboratory does not have. */
function PlanCard({ gameday: { experiment: name, state, progress } }: { gameday: Gameday }) {
  const experiment = useExperiments().data?.items.find((one) => one.name === name);
  if (experiment === undefined) return null;
  const isUnderWay = state === 'running' && progress?.phase === 'load';
  return (
    <Card title="Plan">
      <Plan atMs={isUnderWay ? progress.elapsed_ms : undefined} experiment={experiment} />
    </Card>
  );
}

function Ended({ gameday }: { gameday: Gameday }) {
  const { id, title, experiment, verdict, reasons, problem, has_report, orders, violations, took_s } = gameday;
  const look = lookOf(gameday);
  return (
    <Card data-verdict={verdict ?? 'none'} edge={look.tone} label="Verdict" title={<Status {...look} />}>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-[15rem] flex-1 space-y-1.5">
          <ul className="space-y-1">
            {reasons.map((reason) => (
              <li className="break-words" key={reason}>
                {reason}
              </li>
            ))}
          </ul>
          {problem ? <p className="whitespace-pre-wrap break-words">{problem}</p> : null}
        </div>
        <dl className="min-w-[12rem]">
          <Fact name="orders">{formatCount(orders)}</Fact>
          <Fact name="violations">
            <span className={violations ? 'font-medium text-bad' : ''}>{formatCount(violations)}</span>
          </Fact>
          <Fact name="took">{formatSeconds(took_s)}</Fact>
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
      <RunAgain gameday={gameday} />
    </Card>
  );
}

/** Starts the same run once more: the same seed gives the same operations. */
function RunAgain({ gameday: { experiment, seed, rate, duration_s } }: { gameday: Gameday }) {
  const router = useRouter();
  const { operator } = useSession();
  const { busy, error, start } = useStart();
  if (!operator || seed === null || rate === null || duration_s === null) return null;
  const again = async () => {
    const next = await start({ experiment, seed, rate, duration_s });
    if (next !== null) router.push(`/gamedays/${next}`);
  };
  return (
    <div className="mt-3">
      <Button busy={busy} icon="retry" onClick={again} once small text="Run it again with the same seed" />
      <Alert error={error} />
    </div>
  );
}

const during = (from: number, to: number): string => (from === to ? `at ${from} s` : `${from} s to ${to} s`);

function Faults({ run: { gameday, points }, ended }: { run: LiveRun; ended: boolean }) {
  const spans = faultSpans(points, gameday.progress?.faults ?? []);
  return (
    <Card label="Faults" title={ended ? 'Faults' : 'Faults so far'}>
      {spans.length === 0 ? <p className="text-muted">{ended ? 'None.' : 'None yet.'}</p> : null}
      <ol className="grid gap-x-8 gap-y-1 md:grid-cols-2">
        {spans.map(({ name, from, to }) => (
          <li className="flex flex-wrap items-center gap-x-3" key={`${name} ${from}`}>
            <span className="min-w-0 flex-1">{name}</span>
            {to === null ? (
              <Status icon="chaos" tone="warn" word={`since ${Math.round(from)} s`} />
            ) : (
              <span className="text-muted">{during(Math.round(from), Math.round(to))}</span>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Setup({ gameday }: { gameday: Gameday }) {
  const { id, experiment, target, seed, rate, duration_s } = gameday;
  return (
    <Card title="Setup">
      <dl className="grid gap-x-8 md:grid-cols-2">
        <Fact name="experiment">{experiment}</Fact>
        <Fact name="against">{target ?? 'a fresh local stack'}</Fact>
        <Fact name="orders a second">{formatCount(rate)}</Fact>
        <Fact name="load">{formatSeconds(duration_s)}</Fact>
        <Fact name="seed">{seed ?? '–'}</Fact>
        <Fact name="folder">
          <CopyText label="the folder's name" text={id} />
        </Fact>
      </dl>
    </Card>
  );
}

'use client';

import type { Experiment, Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatSeconds } from '../browser/format.ts';
import { useTitle } from '../browser/use-title.ts';
import { Card } from '../ui/card.tsx';
import { CopyText, Fact, PageHead, QueryState, Time } from '../ui/parts.tsx';
import { Plan } from './experiment-list.tsx';
import { FaultLanes } from './fault-lanes.tsx';
import { LiveNow } from './live-now.tsx';
import { RunCharts } from './run-charts.tsx';
import type { LiveRun } from './run-stream.ts';
import { useExperiments, useRun } from './use-gamedays.ts';
import { VerdictCard } from './verdict-card.tsx';
import { lookOf } from './words.ts';

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
  const experiment = useExperiments().data?.items.find(({ name }) => name === gameday.experiment);
  return (
    <div className="space-y-3">
      {ended ? (
        <VerdictCard experiment={experiment} gameday={gameday} />
      ) : (
        <LiveNow connected={connected} gameday={gameday} />
      )}
      {ended && points.length === 0 ? null : (
        <>
          <RunCharts durationS={gameday.duration_s ?? 0} ended={ended} points={points} />
          <FaultLanes ended={ended} run={run} />
        </>
      )}
      <div className="grid gap-3 lg:grid-cols-2">
        {experiment ? <PlanCard experiment={experiment} gameday={gameday} /> : null}
        <Setup gameday={gameday} />
      </div>
    </div>
  );
}

/** The hypothesis and the steps, with the current one marked. */
function PlanCard({ gameday: { state, progress }, experiment }: { gameday: Gameday; experiment: Experiment }) {
  const isUnderWay = state === 'running' && progress?.phase === 'load';
  return (
    <Card title="Plan">
      <Plan atMs={isUnderWay ? progress.elapsed_ms : undefined} experiment={experiment} />
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

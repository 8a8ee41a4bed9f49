'use client';

import type { Gameday } from '@valerix/contracts';
import Link from 'next/link';
import { formatSpan } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { ApiError } from '../browser/http.ts';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icons.tsx';
import { Note, PageHead, QueryState, TryAgain } from '../ui/parts.tsx';
import { SignInNote } from '../ui/session-menu.tsx';
import { ExperimentList } from './experiment-list.tsx';
import { NoLaboratory } from './no-laboratory.tsx';
import { PastRuns } from './past-runs.tsx';
import { useEndedRuns, useExperiments, useGamedays } from './use-gamedays.ts';
import { PHASE_WORDS } from './words.ts';

export function GamedaysPage({ laboratory }: { laboratory: boolean }) {
  return laboratory ? <Laboratory /> : <NoLaboratory />;
}

function Laboratory() {
  const { operator } = useSession();
  const experiments = useExperiments();
  const runs = useGamedays();
  const down = isDown(experiments.error) && isDown(runs.error);
  const running = runs.items.find(({ state }) => state === 'running');
  const ended = useEndedRuns();
  const past = runs.items.filter(({ state }) => state !== 'running');
  return (
    <>
      <PageHead
        lead={`Each experiment runs against ${experiments.data?.fresh === false ? 'this system and breaks it' : 'a fresh system, beside this one'}, and checks every client answer against the databases.`}
        title="Game days"
      >
        <Link className="button" href="/gamedays/simulation" prefetch={false}>
          Open a simulated run
        </Link>
        <Link className="button" href="/class">
          Hold a class
        </Link>
      </PageHead>
      <SignInNote what="start and stop game days" />
      {running ? <RunningNow gameday={running} /> : null}
      {down ? <LaboratoryDown again={runs.refetch} /> : null}
      <div className="grid gap-3 xl:grid-cols-2" hidden={down}>
        <Card title="Experiments">
          <QueryState query={experiments} rows={8} what="The experiments" />
          {experiments.data ? (
            <ExperimentList
              busy={running !== undefined}
              experiments={experiments.data.items}
              fresh={experiments.data.fresh}
              operator={operator === true}
              past={ended}
            />
          ) : null}
        </Card>
        <Card className="self-start" title="Past game days">
          <PastRuns query={runs} runs={past} />
        </Card>
      </div>
    </>
  );
}

/** Whether the laboratory itself is unreachable. */
const isDown = (error: unknown): boolean =>
  error instanceof ApiError && ['UPSTREAM_UNREACHABLE', 'UPSTREAM_TIMEOUT', 'UNREACHABLE'].includes(error.code);

function LaboratoryDown({ again }: { again: () => unknown }) {
  return (
    <Note tone="bad">
      <p className="font-medium">The laboratory does not answer</p>
      <p>
        <code>make up</code> runs it, and restarts it when it dies; <code>make status</code> and{' '}
        <code>make logs NAME=laboratory</code> tell more, in a cluster <code>kubectl logs deployment/laboratory</code>.
        A running game day rolls back and reports. This page retries every few seconds.
      </p>
      <TryAgain retry={again} />
    </Note>
  );
}

function RunningNow({ gameday: { id, title, experiment, progress } }: { gameday: Gameday }) {
  const clock =
    progress?.phase === 'load'
      ? `${formatSpan(progress.elapsed_ms)} of ${formatSpan(Math.max(progress.duration_ms, progress.elapsed_ms))}`
      : null;
  return (
    <section
      aria-label="Running now"
      className="card mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 border-l-4 border-l-info"
    >
      <Icon className="pulse text-info" name="gamedays" size={18} />
      <div className="min-w-0 flex-1">
        <h2>{title ?? experiment} is running</h2>
        <p className="text-muted">
          {progress ? PHASE_WORDS[progress.phase] : 'It has just started'}
          {clock ? `, ${clock}` : ''}
        </p>
      </div>
      <Link className="button button-main" href={`/gamedays/${id}`}>
        Watch <Icon name="arrow" size={14} />
      </Link>
    </section>
  );
}

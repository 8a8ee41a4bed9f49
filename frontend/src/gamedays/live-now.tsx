import type { Gameday, GamedayProgress } from '@valerix/contracts';
import { useState } from 'react';
import { formatCount, formatMs, formatSpan } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { useAction } from '../browser/use-task.ts';
import { Confirm } from '../ui/controls.tsx';
import { Fact, Note } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { EvidenceList } from './evidence-list.tsx';
import { PHASE_WORDS } from './words.ts';

/** The state of a run: phase, time, answers, active faults, and the button that stops it. */
export function LiveNow({ gameday, connected }: { gameday: Gameday; connected: boolean }) {
  const { progress } = gameday;
  return (
    <section aria-label="Live" className="card space-y-3 border-l-4 border-l-info" data-phase={progress?.phase}>
      {connected ? null : <Note tone="warn">The laboratory is silent. This is its last known state.</Note>}
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 aria-live="polite" className="text-lg">
            {progress ? PHASE_WORDS[progress.phase] : 'Starting'}
          </h2>
          {progress?.stopping ? <p className="text-muted">Ends early: {progress.stopping}.</p> : null}
        </div>
        <StopButton id={gameday.id} stopping={progress?.stopping != null} />
      </div>
      {progress ? <Bar progress={progress} /> : null}
      {progress ? <Counts progress={progress} /> : null}
      {progress ? <EvidenceList ended={false} evidence={progress.evidence} /> : null}
      {progress ? (
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-muted">Active faults</span>
          {progress.faults.length === 0 ? <span>none</span> : null}
          {progress.faults.map((fault) => (
            <Status icon="chaos" key={fault} tone="warn" word={fault} />
          ))}
        </p>
      ) : null}
    </section>
  );
}

function Bar({ progress: { phase, elapsed_ms, duration_ms } }: { progress: GamedayProgress }) {
  const early = phase === 'starting' || phase === 'before';
  const share = early ? 0 : phase === 'load' ? Math.min(1, elapsed_ms / duration_ms) : 1;
  const over = elapsed_ms > duration_ms ? ', until the last step is done' : '';
  const during = `${formatSpan(elapsed_ms)} of ${formatSpan(duration_ms)}${over}`;
  const words = phase === 'load' ? during : `${formatSpan(elapsed_ms)} since the first order`;
  return (
    <div>
      <div aria-hidden="true" className="h-2.5 overflow-hidden rounded-full bg-raised">
        <div className="h-full bg-info" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="mt-1 text-sm text-muted">{early ? `${formatSpan(duration_ms)} of load will follow` : words}</p>
    </div>
  );
}

function Counts({ progress: { totals, latency_ms, queue_depth, breaker, violations } }: { progress: GamedayProgress }) {
  const known = (ms: number) => formatMs(totals.placed === 0 ? null : ms);
  return (
    <div className="grid gap-x-10 sm:grid-cols-2 lg:grid-cols-3">
      <dl>
        <Fact name="orders">
          <strong data-count="placed">{formatCount(totals.placed)}</strong>
        </Fact>
        <Fact name="confirmed (201)">{formatCount(totals.confirmed)}</Fact>
        <Fact name="queued (202)">{formatCount(totals.queued)}</Fact>
        <Fact name="refused (422)">{formatCount(totals.refused)}</Fact>
        <Fact name="no answer">{formatCount(totals.unknown)}</Fact>
      </dl>
      <dl>
        <Fact name="p50">{known(latency_ms.p50)}</Fact>
        <Fact name="p95">{known(latency_ms.p95)}</Fact>
        <Fact name="p99">{known(latency_ms.p99)}</Fact>
        <Fact name="retries">{formatCount(totals.retries)}</Fact>
        <Fact name="cancelled">{formatCount(totals.cancelled)}</Fact>
      </dl>
      <dl>
        <Fact name="violations so far">
          <Status tone={violations > 0 ? 'bad' : 'ok'} word={violations === 0 ? 'none' : formatCount(violations)} />
        </Fact>
        <Fact name="orders in the queue">{formatCount(queue_depth)}</Fact>
        <Fact name="breaker">{breaker ?? '–'}</Fact>
        <Fact name="replays with the same answer">{formatCount(totals.replays)}</Fact>
      </dl>
    </div>
  );
}

function StopButton({ id, stopping }: { id: string; stopping: boolean }) {
  const { operator } = useSession();
  const action = useAction();
  const [told, setTold] = useState(false);
  if (operator === false) return <SignInHint what="stop it" />;
  return (
    <Confirm
      act={async () => setTold(await action.send('POST', `/api/gamedays/${id}/stop`))}
      action={action}
      busyText="Stopping"
      cautious
      done={stopping || told ? <Status tone="info" word="stopping" /> : undefined}
      icon="stop"
      no="Go on"
      note="It rolls back and still writes its report."
      text="Stop"
      yes="Yes, stop it"
    />
  );
}

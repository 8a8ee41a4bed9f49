'use client';

import type { Gameday, GamedayProgress } from '@valerix/contracts';
import { useState } from 'react';
import { formatCount, formatMs, formatSpan } from '../browser/format.ts';
import { useSession } from '../browser/hooks.ts';
import { useAction } from '../browser/use-task.ts';
import { Alert } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { Fact, Note } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { Status } from '../ui/status.tsx';
import { useSuccessor } from '../ui/use-successor.ts';
import { PHASE_WORDS } from './words.ts';

/** Where a run stands: phase and time, what the clients got, what is broken, and the way to end it. */
export function LiveNow({ gameday, connected }: { gameday: Gameday; connected: boolean }) {
  const { progress } = gameday;
  return (
    <section aria-label="Live" className="card space-y-3 border-l-4 border-l-info" data-phase={progress?.phase}>
      {connected ? null : (
        <Note tone="warn">The laboratory is not heard at the moment. What is shown is what it said last.</Note>
      )}
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 aria-live="polite" className="text-[1.1rem]">
            {progress ? PHASE_WORDS[progress.phase] : 'Starting'}
          </h2>
          {progress?.stopping ? <p className="text-muted">Told to end early: {progress.stopping}.</p> : null}
        </div>
        <StopButton id={gameday.id} stopping={progress?.stopping != null} />
      </div>
      {progress ? <Bar progress={progress} /> : null}
      {progress ? <Counts progress={progress} /> : null}
      {progress ? <FaultsNow progress={progress} /> : null}
    </section>
  );
}

function Bar({ progress }: { progress: GamedayProgress }) {
  const { phase, elapsed_ms, duration_ms } = progress;
  const early = phase === 'starting' || phase === 'before';
  const share = early ? 0 : phase === 'load' ? Math.min(1, elapsed_ms / duration_ms) : 1;
  return (
    <div>
      <div aria-hidden="true" className="h-2.5 overflow-hidden rounded-full bg-raised">
        <div className="h-full bg-info" style={{ width: `${share * 100}%` }} />
      </div>
      <p className="mt-1 text-[0.92rem] text-muted">
        {early ? `${formatSpan(duration_ms)} of load will follow` : timeOf(progress)}
      </p>
    </div>
  );
}

function timeOf({ phase, elapsed_ms, duration_ms }: GamedayProgress): string {
  if (phase !== 'load') return `${formatSpan(elapsed_ms)} since the first order`;
  const over = elapsed_ms > duration_ms ? ', until the last step is done' : '';
  return `${formatSpan(elapsed_ms)} of ${formatSpan(duration_ms)}${over}`;
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
        <Fact name="tried again">{formatCount(totals.retries)}</Fact>
        <Fact name="cancelled">{formatCount(totals.cancelled)}</Fact>
      </dl>
      <dl>
        <Fact name="violations so far">
          <Status icon={violations > 0 ? 'bad' : 'ok'} tone={violations > 0 ? 'bad' : 'ok'}>
            {violations === 0 ? 'none' : formatCount(violations)}
          </Status>
        </Fact>
        <Fact name="orders in the queue">{formatCount(queue_depth)}</Fact>
        <Fact name="breaker">{breaker ?? '–'}</Fact>
        <Fact name="asked twice, answered the same">{formatCount(totals.replays)}</Fact>
      </dl>
    </div>
  );
}

function FaultsNow({ progress: { faults } }: { progress: GamedayProgress }) {
  return (
    <p className="flex flex-wrap items-center gap-2">
      <span className="text-muted">Broken now</span>
      {faults.length === 0 ? <span>nothing</span> : null}
      {faults.map((fault) => (
        <Status icon="chaos" key={fault} tone="warn">
          {fault}
        </Status>
      ))}
    </p>
  );
}

/** Asks once more before it ends a run that others may be watching. */
function StopButton({ id, stopping }: { id: string; stopping: boolean }) {
  const { operator } = useSession();
  const { busy, error, send } = useAction();
  const [sure, setSure] = useState(false);
  const [told, setTold] = useState(false);
  const button = useSuccessor<HTMLButtonElement>();
  const outcome = useSuccessor<HTMLSpanElement>();
  const ask = (next: boolean) => {
    button.expect();
    setSure(next);
  };
  const stop = async () => {
    outcome.expect();
    setTold(await send('POST', `/api/gamedays/${id}/stop`));
  };
  if (operator === false) return <SignInHint what="stop it" />;
  if (stopping || told) {
    return (
      <span ref={outcome.ref} tabIndex={-1}>
        <Status tone="info">stopping</Status>
      </span>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-2">
      {sure ? (
        <>
          <span>It rolls back, and still reports.</span>
          <button className="button button-danger" disabled={busy} onClick={() => void stop()} type="button">
            Yes, stop it
          </button>
          <button className="button" onClick={() => ask(false)} ref={button.ref} type="button">
            Go on
          </button>
        </>
      ) : (
        <button className="button button-danger" onClick={() => ask(true)} ref={button.ref} type="button">
          <Icon name="stop" size={13} /> Stop
        </button>
      )}
      <Alert error={error} />
    </div>
  );
}

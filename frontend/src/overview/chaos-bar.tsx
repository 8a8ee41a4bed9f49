'use client';

import Link from 'next/link';
import { useState } from 'react';
import { formatSpan } from '../browser/format.ts';
import { OPERATOR_NAME_KEY, readStored, useFreshChaos, useLive, useSession, useSilence } from '../browser/hooks.ts';
import { act } from '../browser/http.ts';
import { faultSentence } from '../chaos/fault-sentence.ts';
import type { LiveState } from '../live/live-types.ts';
import { Icon } from '../ui/icons.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Status, TONE_EDGE, type Tone } from '../ui/status.tsx';

type Chaos = NonNullable<LiveState['chaos']['value']>;

/** Is somebody breaking the system on purpose? Which faults, until when, who and why, and the way to stop it all. */
export function ChaosBar() {
  const reading = useLive().state?.chaos;
  const age = (reading?.age_ms ?? 0) + (useSilence() ?? 0);
  const chaos = useFreshChaos();
  const { tone, word } = chaosLook(chaos);
  return (
    <section
      aria-label="Chaos"
      className={`card flex flex-wrap items-center gap-x-4 gap-y-2 border-l-4 ${TONE_EDGE[tone]}`}
    >
      <div className="flex items-center gap-2">
        <h2>Chaos</h2>
        <Status
          icon={tone === 'warn' ? 'chaos' : tone === 'info' ? 'halt' : tone === 'ok' ? 'shield' : 'unknown'}
          tone={tone}
        >
          {word}
        </Status>
      </div>
      <div className="min-w-[12rem] flex-1">
        {chaos ? (
          <ChaosSummary age={age} chaos={chaos} />
        ) : (
          <NothingReceived>{reading?.error ? `Not known: ${reading.error}.` : 'Nothing received yet.'}</NothingReceived>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Link className="button button-small" href="/chaos">
          Chaos page <Icon name="arrow" size={13} />
        </Link>
        <HaltButton halted={chaos?.halt.halted ?? false} />
      </div>
    </section>
  );
}

export function chaosLook(chaos: Chaos | null): { tone: Tone; word: string } {
  if (chaos === null) return { tone: 'unknown', word: 'unknown' };
  if (chaos.halt.halted) return { tone: 'info', word: 'halted' };
  if (chaos.faults.length === 0) return { tone: 'ok', word: 'safe' };
  return { tone: 'warn', word: 'active' };
}

function ChaosSummary({ chaos, age }: { chaos: Chaos; age: number }) {
  if (chaos.halt.halted) {
    return (
      <p>
        Halted{chaos.halt.by ? ` by ${chaos.halt.by}` : ''}
        {chaos.halt.reason ? `: ${chaos.halt.reason}` : ''}. No fault fires until it is re-armed.
      </p>
    );
  }
  if (chaos.faults.length === 0) return <p className="text-muted">No fault is in force.</p>;
  const soonest = Math.max(0, Math.min(...chaos.faults.map((one) => one.remaining_ms)) - age);
  const [first] = chaos.faults;
  return (
    <div>
      <ul>
        {chaos.faults.slice(0, 3).map((one) => (
          <li key={one.id}>{faultSentence(one)}</li>
        ))}
        {chaos.faults.length > 3 ? <li className="text-muted">and {chaos.faults.length - 3} more</li> : null}
      </ul>
      <p className="text-muted">
        {chaos.faults.length === 1 ? 'Ends' : 'The first ends'} by itself in {formatSpan(soonest)}. Armed by{' '}
        {first?.created_by}: {first?.reason}.
      </p>
    </div>
  );
}

/** Stops every fault on every replica within a second. `halted` only when that is known now: a latch seen a while ago may be open again. */
export function HaltButton({ halted }: { halted: boolean }) {
  const { operator } = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const halt = async () => {
    setBusy(true);
    setError(null);
    try {
      const name = readStored(OPERATOR_NAME_KEY)?.trim().slice(0, 100);
      await act('POST', '/api/admin/chaos/halt', {
        by: name || 'operator',
        reason: 'Halt all pressed on the dashboard',
      });
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    } finally {
      setBusy(false);
    }
  };
  if (operator === false) {
    return (
      <Link className="button button-small button-danger" href="/sign-in">
        <Icon name="halt" size={14} /> Sign in to halt
      </Link>
    );
  }
  return (
    <>
      <button
        className="button button-small button-danger"
        disabled={busy || halted || operator === undefined}
        onClick={halt}
        type="button"
      >
        <Icon name="halt" size={14} /> {halted ? 'Halted' : busy ? 'Halting' : 'Halt all'}
      </button>
      {error === null ? null : (
        <span className="text-bad" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

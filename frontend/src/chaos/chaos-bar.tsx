'use client';

import type { ChaosState, HaltState } from '@valerix/contracts';
import Link from 'next/link';
import { formatSpan, formatTime } from '../browser/format.ts';
import { OPERATOR_NAME_KEY, readStored, useFreshChaos, useLive, useSession, useSilence } from '../browser/hooks.ts';
import { useAction } from '../browser/use-task.ts';
import { Alert } from '../ui/forms.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { Status, TONE_EDGE, type Tone } from '../ui/status.tsx';
import { faultSentence } from './fault-sentence.ts';

/** Whether the system is being broken on purpose: which faults, until when, by whom and why, and the way to stop it. */
export function ChaosBar() {
  const reading = useLive().state?.chaos;
  const age = (reading?.age_ms ?? 0) + (useSilence() ?? 0);
  const chaos = useFreshChaos();
  return (
    <section
      aria-label="Chaos"
      className={`card flex flex-wrap items-center gap-x-4 gap-y-2 border-l-4 ${TONE_EDGE[chaosLook(chaos).tone]}`}
    >
      <div className="flex items-center gap-2">
        <h2>Chaos</h2>
        <ChaosStatus chaos={chaos} />
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

export function chaosLook(chaos: ChaosState | null): { tone: Tone; icon: IconName; word: string } {
  if (chaos === null) return { tone: 'unknown', icon: 'unknown', word: 'unknown' };
  if (chaos.halt.halted) return { tone: 'info', icon: 'halt', word: 'halted' };
  if (chaos.faults.length === 0) return { tone: 'ok', icon: 'shield', word: 'safe' };
  return { tone: 'warn', icon: 'chaos', word: 'active' };
}

export function ChaosStatus({ chaos }: { chaos: ChaosState | null }) {
  const { tone, icon, word } = chaosLook(chaos);
  return (
    <Status icon={icon} tone={tone}>
      {word}
    </Status>
  );
}

/** Who halted chaos, when and why. */
export const haltWords = ({ by, at, reason }: HaltState): string =>
  `Halted${by ? ` by ${by}` : ''}${at ? ` at ${formatTime(at)}` : ''}${reason ? `: ${reason}` : ''}.`;

function ChaosSummary({ chaos, age }: { chaos: ChaosState; age: number }) {
  const { halt, faults } = chaos;
  if (halt.halted) return <p>{haltWords(halt)} No fault fires until it is re-armed.</p>;
  const [first] = faults;
  if (first === undefined) return <p className="text-muted">No fault is in force.</p>;
  const soonest = Math.min(...faults.map((one) => one.remaining_ms)) - age;
  return (
    <div>
      <ul>
        {faults.slice(0, 3).map((one) => (
          <li key={one.id}>{faultSentence(one)}</li>
        ))}
        {faults.length > 3 ? <li className="text-muted">and {faults.length - 3} more</li> : null}
      </ul>
      <p className="text-muted">
        {faults.length === 1 ? 'Ends' : 'The first ends'} by itself in {formatSpan(soonest)}. Armed by{' '}
        {first.created_by}: {first.reason}.
      </p>
    </div>
  );
}

/** Stops every fault on every replica within a second. `halted` only when that is known now: a latch seen a while ago may be open again. */
export function HaltButton({ halted }: { halted: boolean }) {
  const { operator } = useSession();
  const { busy, error, send } = useAction();
  if (operator === false) {
    return (
      <Link className="button button-small button-danger" href="/sign-in">
        <Icon name="halt" size={14} /> Sign in to halt
      </Link>
    );
  }
  const halt = () => {
    const by = readStored(OPERATOR_NAME_KEY)?.trim().slice(0, 100) || 'operator';
    return send('POST', '/api/admin/chaos/halt', { by, reason: 'Halt all pressed on the dashboard' });
  };
  return (
    <>
      <button
        className="button button-small button-danger"
        disabled={busy || halted || operator === undefined}
        onClick={() => void halt()}
        type="button"
      >
        <Icon name="halt" size={14} /> {halted ? 'Halted' : busy ? 'Halting' : 'Halt all'}
      </button>
      <Alert error={error} />
    </>
  );
}

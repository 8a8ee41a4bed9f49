import type { ChaosState, HaltState } from '@valerix/contracts';
import Link from 'next/link';
import { formatSpan, formatTime } from '../browser/format.ts';
import { useChaos } from '../browser/hooks.ts';
import { Icon } from '../ui/icons.tsx';
import { NothingReceived } from '../ui/nothing-received.tsx';
import { type Look, Status, TONES } from '../ui/status.tsx';
import { faultSentence, reasonWords } from './fault-sentence.ts';
import { HaltButton, HaltResult, useHalt } from './halt.tsx';

/** The active faults with their end, author and reason, and the button that halts them. */
export function ChaosBar() {
  const { fresh, error, age_ms, may_return, off } = useChaos();
  const look = chaosLook(fresh, off);
  const halt = useHalt();
  const unknown = off ? OFF_WORDS : error ? `Unknown: ${error}.` : 'Nothing received yet.';
  return (
    <section
      aria-label="Chaos"
      className={`card flex min-h-28 flex-wrap items-center gap-x-4 gap-y-2 border-l-4 ${TONES[look.tone].edge}`}
    >
      <div className="flex items-center gap-2">
        <h2>Chaos</h2>
        <Status {...look} />
      </div>
      <div className="min-w-[12rem] flex-1">
        {fresh ? <ChaosSummary age={age_ms ?? 0} chaos={fresh} /> : <NothingReceived>{unknown}</NothingReceived>}
        {fresh ? null : <MayReturn faults={may_return} />}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Link className="button button-small" href="/chaos">
          Chaos page <Icon name="arrow" size={13} />
        </Link>
        {off ? null : <HaltButton halt={halt} />}
      </div>
      <HaltResult className="basis-full border-line border-t pt-2" halt={halt} />
    </section>
  );
}

/** The faults that were armed before their state became unknown. */
export function MayReturn({ faults }: { faults: ChaosState['faults'] }) {
  if (faults.length === 0) return null;
  return (
    <div>
      <p>Armed before, and may return:</p>
      <ul>
        {faults.map((one) => (
          <li key={one.id}>
            {faultSentence(one)} <span className="text-muted">Ends in {formatSpan(one.remaining_ms)}.</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The services run without chaos. */
export const OFF_WORDS = 'The services run with CHAOS=off: no fault can be armed.';

export function chaosLook(chaos: ChaosState | null, off: boolean): Look {
  if (off) return { tone: 'ok', icon: 'shield', word: 'off' };
  if (chaos === null) return { tone: 'unknown', icon: 'unknown', word: 'unknown' };
  if (chaos.halt.halted) return { tone: 'info', icon: 'halt', word: 'halted' };
  if (chaos.faults.length === 0) return { tone: 'ok', icon: 'shield', word: 'safe' };
  return { tone: 'warn', icon: 'chaos', word: 'active' };
}

export const haltWords = ({ by, at, reason }: HaltState): string =>
  `Halted${by ? ` by ${by}` : ''}${at ? ` at ${formatTime(at)}` : ''}${reason ? `: ${reason}` : ''}.`;

function ChaosSummary({ chaos, age }: { chaos: ChaosState; age: number }) {
  const { halt, faults } = chaos;
  if (halt.halted) return <p>{haltWords(halt)} No fault fires until chaos is re-armed.</p>;
  const [first] = faults;
  if (first === undefined) return <p className="text-muted">No fault is active.</p>;
  const soonest = Math.min(...faults.map((one) => one.remaining_ms)) - age;
  return (
    <div>
      <ul>
        <li className="line-clamp-2" title={faultSentence(first)}>
          {faultSentence(first)}
          {faults.length > 1 ? <span className="text-muted"> And {faults.length - 1} more.</span> : null}
        </li>
      </ul>
      <p className="line-clamp-2 text-muted">
        {faults.length === 1 ? 'Ends' : 'The first ends'} by itself in {formatSpan(soonest)}. Armed by{' '}
        {first.created_by}: {reasonWords(first.reason)}.
      </p>
    </div>
  );
}

import type { GamedayEvidence } from '@valerix/contracts';
import type { RunChecked } from '../checker/check-run.ts';
import type { Evidence } from '../experiment/valerix-extension.ts';
import type { FaultWindow } from './fault-log.ts';
import type { Observations } from './observe.ts';
import type { Totals } from './tally.ts';

export interface EvidenceFound extends Evidence {
  /** In words. */
  expected: string;
  seen: number;
  met: boolean;
}

interface EvidenceSources {
  faults: readonly FaultWindow[];
  observations: Pick<Observations, 'breakerOpened'>;
  totals: Totals;
  /** What the databases tell; undefined during the run, and if they could not be read. */
  checked?: Pick<RunChecked, 'recovered' | 'ended'> | undefined;
  /** The orders that were settled in time, in percent; absent if no evidence needs it, and during the run. */
  settledInTime?: number | undefined;
}

/** Compares the expected evidence with what was seen: a fault that never fired proves nothing. */
export function weighEvidence(expected: readonly Evidence[], sources: EvidenceSources): EvidenceFound[] {
  return expected.map((one) => {
    const seen = KINDS[one.kind].count(sources, one.of);
    return { ...one, expected: evidenceInWords(one), seen, met: seen >= one.at_least };
  });
}

/** The same while the run goes on, for its watchers. */
export function evidenceSoFar(expected: readonly Evidence[], sources: EvidenceSources): GamedayEvidence[] {
  return weighEvidence(expected, sources).map(({ kind, at_least, seen, met, ...one }) => {
    const isKnown = !AT_THE_END.includes(kind);
    return { what: inWords({ kind, of: one.of }), at_least, seen: isKnown ? seen : null, met };
  });
}

/** What only the databases tell, after the run. */
const AT_THE_END: readonly Evidence['kind'][] = ['orders-recovered', 'settled-in-time'];

const inWords = ({ kind, of }: { kind: Evidence['kind']; of: string | undefined }): string =>
  `${KINDS[kind].words}${of ? ` ("${of}")` : ''}`;

/** Such as `orders were refused at least 1000 times`. */
export function evidenceInWords({ kind, of, at_least }: Evidence): string {
  if (kind === 'settled-in-time') return `at least ${at_least} % of the ${KINDS[kind].words}`;
  return `${inWords({ kind, of })} ${at_least === 1 ? 'at least once' : `at least ${at_least} times`}`;
}

const hits = (kind: FaultWindow['kind'], faults: readonly FaultWindow[], of: string | undefined): number =>
  faults
    .filter((fault) => fault.kind === kind && (of === undefined || fault.name === of))
    .reduce((sum, { fired }) => sum + fired, 0);

/**
 * How many orders ended so. Clients see only the ends that their first answer tells. The others, which were answered 202, are found in the
 * database; orders that were dropped for their age are no longer there.
 */
const ended =
  (end: keyof RunChecked['ended']) =>
  ({ totals, checked }: EvidenceSources): number =>
    Math.max(totals[end], checked?.ended[end] ?? 0);

const KINDS: Record<Evidence['kind'], { words: string; count: (sources: EvidenceSources, of?: string) => number }> = {
  'fault-fired': { words: 'the injected fault fired', count: ({ faults }, of) => hits('injected', faults, of) },
  'every-fault-fired': {
    words: 'each fault of the run fired',
    count: ({ faults }) => (faults.length === 0 ? 0 : Math.min(...faults.map(({ fired }) => fired))),
  },
  'target-acted': { words: 'a command broke the target', count: ({ faults }, of) => hits('target', faults, of) },
  'breaker-opened': {
    words: 'the circuit breaker opened',
    count: ({ observations }) => observations.breakerOpened,
  },
  'orders-placed': { words: 'orders were placed', count: ({ totals }) => totals.placed },
  'orders-queued': { words: 'orders were answered 202 and queued', count: ({ totals }) => totals.queued },
  'orders-refused': { words: 'orders were refused', count: ended('refused') },
  'payments-declined': { words: 'payments were declined', count: ended('declined') },
  'orders-cancelled': { words: 'orders were cancelled', count: ended('cancelled') },
  'client-retries': { words: 'clients retried', count: ({ totals }) => totals.retries },
  replays: { words: 'answers were replayed', count: ({ totals }) => totals.replays },
  reads: { words: 'readers were answered', count: ({ totals }) => totals.reads },
  'orders-recovered': {
    words: 'orders exist whose clients never got an answer',
    count: ({ checked }) => checked?.recovered ?? 0,
  },
  'settled-in-time': {
    words: 'orders were settled within 30 s of being placed, or of the end of the faults that were active then',
    count: ({ settledInTime = 0 }) => settledInTime,
  },
};

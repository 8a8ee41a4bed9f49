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
  observations: Observations;
  totals: Totals;
  recovered: number;
}

/** Holds what had to be seen against what was: a fault that never fired proves nothing. */
export function weighEvidence(expected: readonly Evidence[], sources: EvidenceSources): EvidenceFound[] {
  return expected.map((one) => {
    const seen = count(one, sources);
    return { ...one, expected: evidenceInWords(one), seen, met: seen >= one.at_least };
  });
}

function count({ kind, of }: Evidence, { faults, observations, totals, recovered }: EvidenceSources): number {
  const wanted = faults.filter(({ name }) => of === undefined || name === of);
  switch (kind) {
    case 'fault-fired': {
      const injected = wanted.filter((fault) => fault.kind === 'injected');
      return injected.length === 0 ? 0 : sum(injected);
    }
    case 'every-fault-fired':
      return faults.length === 0 ? 0 : Math.min(...faults.map(({ fired }) => fired));
    case 'target-acted':
      return sum(wanted.filter((fault) => fault.kind === 'target'));
    case 'breaker-opened':
      return observations.breakerOpened;
    case 'orders-placed':
      return totals.placed;
    case 'orders-queued':
      return totals.queued;
    case 'orders-refused':
      return totals.refused;
    case 'orders-cancelled':
      return totals.cancelled;
    case 'client-retries':
      return totals.retries;
    case 'replays':
      return totals.replays;
    case 'orders-recovered':
      return recovered;
  }
}

const sum = (faults: readonly FaultWindow[]): number => faults.reduce((total, { fired }) => total + fired, 0);

const WORDS: Record<Evidence['kind'], string> = {
  'fault-fired': 'the injected fault fired',
  'every-fault-fired': 'each fault of the run fired',
  'target-acted': 'the target was hit',
  'breaker-opened': 'the circuit breaker opened',
  'orders-placed': 'orders were placed',
  'orders-queued': 'orders were answered 202 and queued',
  'orders-refused': 'orders were refused',
  'orders-cancelled': 'orders were cancelled',
  'client-retries': 'clients retried',
  replays: 'answers were asked for again',
  'orders-recovered': 'orders exist whose clients never got an answer',
};

/** Such as `orders were refused at least 1000 times`. */
export function evidenceInWords({ kind, of, at_least }: Evidence): string {
  const times = at_least === 1 ? 'at least once' : `at least ${at_least} times`;
  return `${WORDS[kind]}${of ? ` ("${of}")` : ''} ${times}`;
}

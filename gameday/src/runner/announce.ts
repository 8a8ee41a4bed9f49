import type { GamedayEvidence } from '@valerix/contracts';
import type { Evidence } from '../experiment/valerix-extension.ts';
import { evidenceSoFar } from './evidence.ts';
import type { FaultLog, FaultWindow } from './fault-log.ts';
import type { Sample } from './observe.ts';
import type { Tally } from './tally.ts';

/** The state of a run, for its watchers. */
export interface Progress {
  phase: 'before' | 'load' | 'rollback' | 'drain' | 'check' | 'closing';
  ms: number;
  durationMs: number;
  tally: Tally;
  /** The active faults, by name. */
  faults: string[];
  /** All faults so far. */
  windows: readonly FaultWindow[];
  violations: number;
  evidence: GamedayEvidence[];
  /** The latest sample of the system's metrics. */
  sample?: Sample | undefined;
}

const EVERY_MS = 500;

export type Announcer = ReturnType<typeof announce>;

/** Reports the state of a run at each new phase, and twice a second until `stop`. */
export function announce(
  run: {
    durationMs: number;
    tally: Tally;
    faults: FaultLog;
    seen: readonly unknown[];
    now: () => number;
    expected: readonly Evidence[];
  },
  tell: (progress: Progress) => void = () => {},
) {
  const { durationMs, tally, faults, seen, now, expected } = run;
  let phase: Progress['phase'] = 'before';
  let sample: Sample | undefined;
  const report = () => {
    const { active, windows } = faults;
    const observations = { breakerOpened: sample?.breakerOpened ?? 0 };
    const evidence = evidenceSoFar(expected, { faults: windows, observations, totals: tally.totals });
    tell({ phase, ms: now(), durationMs, tally, faults: active, windows, violations: seen.length, evidence, sample });
  };
  const timer = setInterval(report, EVERY_MS);
  return {
    /** Begins a phase and reports it at once. */
    enter(next: Progress['phase']): void {
      phase = next;
      report();
    },
    onSample(latest: Sample): void {
      sample = latest;
    },
    stop: () => clearInterval(timer),
  };
}

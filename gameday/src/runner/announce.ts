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
  /** The latest sample of the system's metrics. */
  sample?: Sample | undefined;
}

const EVERY_MS = 500;

export type Announcer = ReturnType<typeof announce>;

/** Reports the state of a run at each new phase, and twice a second until `stop`. */
export function announce(
  run: { durationMs: number; tally: Tally; faults: FaultLog; seen: readonly unknown[]; now: () => number },
  tell: (progress: Progress) => void = () => {},
) {
  const { durationMs, tally, faults, seen, now } = run;
  let phase: Progress['phase'] = 'before';
  let sample: Sample | undefined;
  const report = () => {
    const { active, windows } = faults;
    tell({ phase, ms: now(), durationMs, tally, faults: active, windows, violations: seen.length, sample });
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

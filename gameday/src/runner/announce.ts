import type { FaultLog, FaultWindow } from './fault-log.ts';
import type { Sample } from './observe.ts';
import type { Tally } from './tally.ts';

/** How a run stands, for whoever watches it. */
export interface Progress {
  phase: 'before' | 'load' | 'rollback' | 'drain' | 'check' | 'closing';
  ms: number;
  durationMs: number;
  tally: Tally;
  /** Those that last. */
  faults: string[];
  /** All so far. */
  windows: readonly FaultWindow[];
  violations: number;
  /** What the system said of itself last. */
  sample?: Sample | undefined;
}

const EVERY_MS = 500;

export interface Announcer {
  /** Says so at once. */
  enter(phase: Progress['phase']): void;
  /** Takes note of what the system said of itself. */
  onSample(sample: Sample): void;
  stop(): void;
}

/** Tells how a run stands: at each new phase, and twice a second as long as it lasts. */
export function announce(
  run: { durationMs: number; tally: Tally; faults: FaultLog; seen: readonly unknown[]; now: () => number },
  tell: (progress: Progress) => void = () => {},
): Announcer {
  const { durationMs, tally, faults, seen, now } = run;
  let phase: Progress['phase'] = 'before';
  let sample: Sample | undefined;
  const report = () =>
    tell({
      phase,
      ms: now(),
      durationMs,
      tally,
      faults: faults.active,
      windows: faults.windows,
      violations: seen.length,
      sample,
    });
  const timer = setInterval(report, EVERY_MS);
  return {
    enter(next) {
      phase = next;
      report();
    },
    onSample(latest) {
      sample = latest;
    },
    stop: () => clearInterval(timer),
  };
}

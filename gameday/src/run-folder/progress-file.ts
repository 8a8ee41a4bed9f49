import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { GamedayPoint, GamedayProgress } from '@valerix/contracts';
import { processIdentity } from '@valerix/local-stack/machine/process-identity';
import type { Progress } from '../runner/announce.ts';
import type { FaultWindow } from '../runner/fault-log.ts';
import type { Verdict } from '../runner/verdict.ts';
import type { RunLine, StartLine } from './progress-lines.ts';
import { RUN_FILES } from './run-folder.ts';

/** A line a second is as much as anybody can watch: an hour is two megabytes. */
const EVERY_MS = 950;
/** A point of less time than this would say nothing of a rate. */
const SHORTEST_MS = 500;

interface ProgressFile {
  /** Called as often as one likes; writes about once a second, and at each new phase. */
  show(progress: Progress): void;
  /** The run was told to end early. */
  stopping(reason: string): void;
  end(verdict: Verdict): void;
  failed(message: string): void;
  close(): void;
}

/** `progress.jsonl` of a run: what the laboratory, or anybody else, reads while the run goes on. Each line is written at once. */
export function openProgressFile(
  folder: string,
  start: Omit<StartLine, 'type' | 'pid' | 'identity' | 'started_at'>,
): ProgressFile {
  const file = openSync(join(folder, RUN_FILES.progress), 'a');
  const write = (line: RunLine) => void writeSync(file, `${JSON.stringify(line)}\n`);
  const identity = processIdentity(process.pid) ?? 'unknown';
  write({ type: 'start', ...start, pid: process.pid, identity, started_at: new Date().toISOString() });
  const durationMs = start.duration_s * 1000;
  let last: GamedayProgress = { ...NOTHING_YET, duration_ms: durationMs };
  let drawn: { ms: number; totals: GamedayProgress['totals'] } | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  const put = (progress: GamedayProgress, point: GamedayPoint | null) => {
    last = progress;
    writtenAt = performance.now();
    write({ type: 'progress', progress, point });
  };
  put(last, null);
  return {
    show(progress) {
      if (progress.phase === last.phase && performance.now() - writtenAt < EVERY_MS) return;
      const now = onTheWire(progress, last.stopping);
      const due = DRAWN.has(progress.phase) && progress.ms - (drawn?.ms ?? 0) >= SHORTEST_MS;
      const point = due ? pointOf(progress, now, drawn) : null;
      if (point) drawn = { ms: progress.ms, totals: now.totals };
      put(now, point);
    },
    stopping: (reason) => put({ ...last, stopping: reason }, null),
    end: (verdict) => write({ type: 'end', verdict }),
    failed: (message) => write({ type: 'failed', message }),
    close: () => closeSync(file),
  };
}

/** The phases in which clients wait for answers. */
const DRAWN: ReadonlySet<Progress['phase']> = new Set(['load', 'rollback', 'drain']);

const NOTHING_YET: GamedayProgress = {
  phase: 'starting',
  elapsed_ms: 0,
  duration_ms: 0,
  totals: { placed: 0, confirmed: 0, queued: 0, refused: 0, unknown: 0, cancelled: 0, replays: 0, retries: 0 },
  latency_ms: { p50: 0, p95: 0, p99: 0 },
  queue_depth: null,
  breaker: null,
  faults: [],
  violations: 0,
  stopping: null,
};

const BREAKER = ['closed', 'open', 'half-open'] as const;

function onTheWire(
  { phase, ms, durationMs, tally, faults, violations, sample }: Progress,
  stopping: string | null,
): GamedayProgress {
  const { placed, confirmed, queued, refused, unknown, cancelled, replays, retries } = tally.totals;
  const at = (share: number) => tenths(tally.latency.quantile(share));
  return {
    phase,
    elapsed_ms: phase === 'before' ? 0 : Math.round(ms),
    duration_ms: durationMs,
    totals: { placed, confirmed, queued, refused, unknown, cancelled, replays, retries },
    latency_ms: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    queue_depth: sample?.queueDepth ?? null,
    breaker: sample?.breaker === undefined ? null : (BREAKER[sample.breaker] ?? null),
    faults,
    violations,
    stopping,
  };
}

/** What happened since the point before. Latency is that of the answers which came in this time, whenever they were asked for. */
function pointOf(
  { ms, tally, windows, sample }: Progress,
  { totals }: GamedayProgress,
  before: { ms: number; totals: GamedayProgress['totals'] } | undefined,
): GamedayPoint {
  const seconds = Math.max(0.1, (ms - (before?.ms ?? 0)) / 1000);
  const rate = (name: 'confirmed' | 'queued' | 'refused' | 'unknown') =>
    tenths((totals[name] - (before?.totals[name] ?? 0)) / seconds);
  const recent = tally.takeRecent();
  const at = (share: number) => (recent.count === 0 ? null : tenths(recent.quantile(share)));
  return {
    t: tenths(ms / 1000),
    confirmed: rate('confirmed'),
    queued: rate('queued'),
    refused: rate('refused'),
    unknown: rate('unknown'),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    queue: sample?.queueDepth ?? null,
    // Those too that began and ended since, as a restart does.
    faults: namesWithin(windows, before?.ms ?? 0, ms),
  };
}

function namesWithin(windows: readonly FaultWindow[], from: number, to: number): string[] {
  const touching = windows.filter((window) => window.from <= to && (window.to ?? to) >= from);
  return [...new Set(touching.map(({ name }) => name))];
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type GamedayPoint, type GamedayProgress, type GamedayVerdict, gamedayProgress } from '@valerix/contracts';
import { processIdentity } from '@valerix/local-stack/machine/process-identity';
import type { Progress } from '../runner/announce.ts';
import { Tally } from '../runner/tally.ts';
import type { RunLine, StartLine } from './progress-lines.ts';
import { RUN_FILES } from './run-folder.ts';

/** A line a second is enough for readers: two megabytes an hour. */
const EVERY_MS = 950;
/** A rate over less time than this means nothing. */
const SHORTEST_MS = 500;

/**
 * The `progress.jsonl` of a run, for the laboratory and other readers to follow. Each line is written at once.
 */
export function openProgressFile(folder: string, start: Omit<StartLine, 'type' | 'pid' | 'identity' | 'started_at'>) {
  const file = openSync(join(folder, RUN_FILES.progress), 'a');
  const write = (line: RunLine) => void writeSync(file, `${JSON.stringify(line)}\n`);
  const identity = processIdentity(process.pid) ?? 'unknown';
  write({ type: 'start', ...start, pid: process.pid, identity, started_at: new Date().toISOString() });
  const nothing = { tally: new Tally(), faults: [], violations: 0, evidence: [] };
  const starting = { ms: 0, durationMs: start.duration_s * 1000, ...nothing };
  let last = onTheWire({ phase: 'starting', ...starting }, null);
  let drawn = { ms: 0, totals: last.totals };
  let writtenAt = Number.NEGATIVE_INFINITY;
  const put = (progress: GamedayProgress, point: GamedayPoint | null) => {
    last = progress;
    writtenAt = performance.now();
    write({ type: 'progress', progress, point });
  };
  put(last, null);
  return {
    /** Writes about once a second and at each new phase, however often it is called. */
    show(progress: Progress): void {
      if (progress.phase === last.phase && performance.now() - writtenAt < EVERY_MS) return;
      const now = onTheWire(progress, last.stopping);
      const due = DRAWN.has(progress.phase) && progress.ms - drawn.ms >= SHORTEST_MS;
      const point = due ? pointOf(progress, now, drawn) : null;
      if (point) drawn = { ms: progress.ms, totals: now.totals };
      put(now, point);
    },
    /** The run was told to end early. */
    stopping: (reason: string) => put({ ...last, stopping: reason }, null),
    end: (verdict: GamedayVerdict) => write({ type: 'end', verdict }),
    failed: (message: string) => write({ type: 'failed', message }),
    close: () => closeSync(file),
  };
}

/** The phases in which clients wait for answers. */
const DRAWN: ReadonlySet<Progress['phase']> = new Set(['load', 'rollback', 'drain']);

const BREAKER = ['closed', 'open', 'half-open'] as const;

function onTheWire(
  progress: Omit<Progress, 'phase' | 'windows'> & { phase: GamedayProgress['phase'] },
  stopping: string | null,
): GamedayProgress {
  const { phase, ms, durationMs, tally, faults, violations, evidence, sample } = progress;
  const at = (share: number) => tenths(tally.latency.quantile(share));
  // Parsed, to leave out the totals that are not on the wire.
  return gamedayProgress.parse({
    phase,
    elapsed_ms: phase === 'before' ? 0 : Math.round(ms),
    duration_ms: durationMs,
    totals: tally.totals,
    latency_ms: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    evidence,
    queue_depth: sample?.queueDepth ?? null,
    breaker: BREAKER[sample?.breaker ?? -1] ?? null,
    faults,
    violations,
    stopping,
  });
}

/** What happened since the previous point. Latencies are those of the answers that arrived in this time. */
function pointOf(
  { ms, tally, windows, sample }: Progress,
  { totals }: GamedayProgress,
  before: { ms: number; totals: GamedayProgress['totals'] },
): GamedayPoint {
  const seconds = Math.max(0.1, (ms - before.ms) / 1000);
  const rate = (name: 'confirmed' | 'queued' | 'refused' | 'unknown') =>
    tenths((totals[name] - before.totals[name]) / seconds);
  const recent = tally.takeRecent();
  const at = (share: number) => (recent.count === 0 ? null : tenths(recent.quantile(share)));
  // Includes faults that began and ended since, such as a restart.
  const touching = windows.filter(({ from, to = ms }) => from <= ms && to >= before.ms);
  return {
    t: tenths(ms / 1000),
    confirmed: rate('confirmed'),
    queued: rate('queued'),
    refused: rate('refused'),
    unknown: rate('unknown'),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    queue: sample?.queueDepth ?? null,
    faults: [...new Set(touching.map(({ name }) => name))],
  };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

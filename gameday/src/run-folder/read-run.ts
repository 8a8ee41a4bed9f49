import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GAMEDAY_ID, type Gameday, gameday, gamedayVerdict } from '@valerix/contracts';
import { isSameProcess } from '@valerix/local-stack/machine/process-identity';
import { recordOf } from '@valerix/system';
import { z } from 'zod';
import { parseRunLine, type RunLine, type StartLine, startLine } from './progress-lines.ts';
import { readEnds } from './read-ends.ts';
import { experimentOf, RUN_FILES } from './run-folder.ts';

/** The fields of a journal that are read here. A run of an older version has a journal, and no progress.jsonl. */
const journal = z.object({
  start: z.string(),
  duration: z.number(),
  experiment: z.object({ title: z.string() }),
  valerix: z.object({
    verdict: gamedayVerdict,
    reasons: z.array(z.string()),
    target: z.string(),
    seed: z.number(),
    rate: z.number(),
    duration_s: z.number(),
    totals: z.looseObject({ placed: z.int() }),
    latency_ms: z.unknown(),
    evidence: z
      .array(z.object({ expected: z.string(), at_least: z.int(), seen: z.number(), met: z.boolean() }))
      .catch([]),
    recoveries: z.array(z.object({ fault: z.string(), endedAt: z.number(), seconds: z.number().optional() })).catch([]),
    violations_total: z.int().optional(),
    checked: z.object({ total: z.int() }).nullish(),
    violations: z.array(z.unknown()).default([]),
  }),
});
type Journal = z.infer<typeof journal>;

/** Larger journals are not read. */
const MAX_JOURNAL_BYTES = 32 * 1024 * 1024;

export interface ReadRun {
  gameday: Gameday;
  /** The process that carries the run out; only while it runs. */
  process?: Pick<StartLine, 'pid' | 'identity'>;
}

/**
 * Reads the folder of a run. Never throws for what a folder contains: a torn, empty or foreign folder is a run without a
 * verdict, with the reason. Undefined when there is no folder with this name.
 */
export async function readRun(parent: string, id: string): Promise<ReadRun | undefined> {
  if (!GAMEDAY_ID.test(id)) return undefined;
  const folder = join(parent, id);
  // A link could lead out of the folder of the runs.
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const lines = await readLines(folder);
  const start = lines.find((line) => line.type === 'start');
  const over = lines.find((line) => line.type === 'end' || line.type === 'failed');
  const base = { ...unknownRun(id, found.birthtime), ...(start && shown.parse(start)) };
  if (start && !over && isSameProcess(start.pid, start.identity)) {
    const last = lines.findLast((line) => line.type === 'progress')?.progress ?? null;
    const counts = { orders: last?.totals.placed ?? null, violations: last?.violations ?? null };
    return { gameday: { ...base, ...counts, state: 'running', problem: null, progress: last }, process: start };
  }
  const has_report = await isFile(join(folder, RUN_FILES.report));
  const read = await readJournal(join(folder, RUN_FILES.journal));
  if ('journal' in read) return { gameday: { ...base, ...fromJournal(read.journal), has_report } };
  const problem = over?.type === 'failed' ? over.message : read.problem;
  return { gameday: { ...base, problem, has_report } };
}

function unknownRun(id: string, made: Date): Gameday {
  const [date, time] = [id.slice(0, 10), id.slice(11, 19).replaceAll('-', ':')];
  const named = new Date(`${date}T${time}Z`);
  const started_at = (Number.isNaN(named.getTime()) ? made : named).toISOString();
  const nothing = recordOf(UNKNOWN, () => null);
  const lists = { reasons: [], evidence: [], recoveries: [] };
  return { ...nothing, ...lists, id, experiment: experimentOf(id), state: 'failed', started_at, has_report: false };
}

const UNKNOWN = [
  ...(['title', 'problem', 'verdict', 'started_by', 'target', 'seed', 'rate'] as const),
  ...(['duration_s', 'took_s', 'orders', 'violations', 'progress', 'totals', 'latency_ms'] as const),
];

/** The fields that a start line and a run have in common. */
const shown = startLine.omit({ type: true, pid: true, identity: true, started_at: true });

/** The end of `evidenceInWords`, which the number seen takes the place of. */
const TIMES = / at least (once|\d+ times)$/;

function fromJournal({ duration, experiment, valerix }: Journal) {
  const { totals, violations_total, checked, violations, latency_ms, evidence, recoveries, ...rest } = valerix;
  return {
    ...rest,
    // A journal of an older version may lack some of them.
    totals: gameday.shape.totals.catch(null).parse(totals),
    latency_ms: gameday.shape.latency_ms.catch(null).parse(latency_ms),
    evidence: evidence.map(({ expected, ...one }) => ({ ...one, what: expected.replace(TIMES, '') })),
    recoveries: recoveries.map(({ fault, endedAt, seconds = null }) => ({ fault, ended_s: endedAt / 1000, seconds })),
    title: experiment.title,
    state: 'finished' as const,
    took_s: duration,
    orders: totals.placed,
    violations: violations_total ?? checked?.total ?? violations.length,
  };
}

async function readLines(folder: string): Promise<RunLine[]> {
  const ends = await readEnds(join(folder, RUN_FILES.progress)).catch(() => undefined);
  if (!ends) return [];
  return [ends.first, ...ends.last].flatMap((text) => parseRunLine(text) ?? []);
}

async function readJournal(path: string): Promise<{ journal: Journal } | { problem: string }> {
  try {
    const { size } = await stat(path);
    if (size > MAX_JOURNAL_BYTES) return { problem: `journal.json is too large to read: ${size} bytes.` };
    const parsed = journal.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return { journal: parsed.data };
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    return { problem: `journal.json is not one of ours: ${where || 'it'} is missing or wrong.` };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { problem: 'The run ended before it could report.' };
    return { problem: `journal.json cannot be read: ${(error as Error).message}` };
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() ?? false;
}

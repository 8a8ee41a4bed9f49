import { z } from 'zod';
import { GAMEDAY_LIMITS } from './limits.ts';

const timestamp = z.iso.datetime({ offset: true });
const count = z.int().min(0);

export const GAMEDAY_VERDICTS = ['PASS', 'FAIL', 'INCONCLUSIVE'] as const;
export const gamedayVerdict = z.enum(GAMEDAY_VERDICTS).meta({ id: 'GamedayVerdict' });
export type GamedayVerdict = z.infer<typeof gamedayVerdict>;

/** The phases of a run, in order. */
export const GAMEDAY_PHASES = ['starting', 'before', 'load', 'rollback', 'drain', 'check', 'closing'] as const;
export const gamedayPhase = z.enum(GAMEDAY_PHASES).meta({ id: 'GamedayPhase' });
export type GamedayPhase = z.infer<typeof gamedayPhase>;

/** The name of a run's folder: start time (UTC) and experiment. It sorts by time and cannot escape its parent folder. */
export const GAMEDAY_ID = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
export const gamedayId = z.string().regex(GAMEDAY_ID, 'must be the id of a game day').meta({ id: 'GamedayId' });

/** One step of an experiment's method, in words. */
const experimentStep = z.object({ name: z.string(), does: z.string(), after_s: z.number() });

/** How much an experiment asks of those who watch it. */
export const EXPERIMENT_LEVELS = ['easy', 'medium', 'hard'] as const;
export const experimentLevel = z
  .enum(EXPERIMENT_LEVELS)
  .describe('easy: one fault; medium: several, one after the other; hard: several at once, money, or hours.')
  .meta({ id: 'ExperimentLevel' });
export type ExperimentLevel = z.infer<typeof experimentLevel>;

export const experiment = z
  .object({
    name: z.string(),
    title: z.string(),
    summary: z.string().describe('What it breaks, in one line.'),
    tags: z.array(z.string()).describe('What it is about: the parts that break, and what is at stake.'),
    level: experimentLevel,
    description: z.string(),
    hypothesis: z.string().nullable(),
    duration_s: z.number(),
    method_s: z.number().describe('The total length of the steps; a run lasts at least as long.'),
    rate: z.number().describe('Orders a second.'),
    seed: z.int(),
    replicas: z.record(z.string(), z.int()).describe('The replicas of each service, by its key.'),
    method: z.array(experimentStep),
    evidence: z.array(z.string()).describe('What the run must show; without it the run proves nothing.'),
    needs: z
      .array(z.string())
      .describe('What the target must have; without it the run breaks nothing and is INCONCLUSIVE.'),
  })
  .meta({ id: 'Experiment' });
export type Experiment = z.infer<typeof experiment>;

export const experimentList = z
  .object({
    items: z.array(experiment),
    fresh: z
      .boolean()
      .describe('Each run has a system of its own; false: a run breaks the system that this laboratory belongs to.'),
  })
  .meta({ id: 'ExperimentList' });
export type ExperimentList = z.infer<typeof experimentList>;

const limited = <N extends z.ZodNumber>(number: N, field: keyof typeof GAMEDAY_LIMITS, unit = '') => {
  const { min, max } = GAMEDAY_LIMITS[field];
  const message = `must be from ${min} to ${max}${unit}`;
  return number.min(min, message).max(max, message).optional();
};

/** The body of `POST /api/gamedays`. Absent fields take the experiment's values. */
export const startGamedayBody = z
  .strictObject({
    experiment: z
      .string({ error: 'is required' })
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be the name of an experiment'),
    seed: limited(z.int('must be a whole number'), 'seed').describe(
      'Another schedule; the same seed gives the same operations.',
    ),
    duration_s: limited(z.int('must be a whole number of seconds'), 'duration_s', ' seconds').describe(
      'Seconds of load; a longer run repeats the method.',
    ),
    rate: limited(z.number('must be a number'), 'rate', ' orders a second').describe('Orders a second.'),
  })
  .meta({ id: 'StartGamedayBody' });
export type StartGamedayBody = z.infer<typeof startGamedayBody>;

const latency = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const totals = z.object({
  placed: count.describe('Answered: confirmed, queued or refused.'),
  confirmed: count,
  queued: count,
  refused: count,
  unknown: count,
  cancelled: count,
  replays: count,
  retries: count,
});

/** Something that a run must show, and how often it was seen. */
export const gamedayEvidence = z
  .object({
    what: z.string(),
    at_least: z.int(),
    seen: z.number().nullable().describe('So far; null: it is counted at the end.'),
    met: z.boolean(),
  })
  .meta({ id: 'GamedayEvidence' });
export type GamedayEvidence = z.infer<typeof gamedayEvidence>;

/** The progress of a run. */
export const gamedayProgress = z
  .object({
    phase: gamedayPhase,
    elapsed_ms: z.number().describe('Since the load began; 0 before that.'),
    duration_ms: z.number().describe('The planned length of the load; it may last longer.'),
    totals,
    latency_ms: latency.describe('Of all answers so far.'),
    evidence: z.array(gamedayEvidence).default([]),
    queue_depth: z.number().nullable(),
    breaker: z.enum(['closed', 'open', 'half-open']).nullable(),
    faults: z.array(z.string()).describe('The active faults, by name.'),
    violations: count,
    stopping: z.string().nullable().describe('Why it was told to end early, if it was.'),
  })
  .meta({ id: 'GamedayProgress' });
export type GamedayProgress = z.infer<typeof gamedayProgress>;

/** One point of the charts: the values since the previous point. */
export const gamedayPoint = z
  .object({
    t: z.number().describe('Seconds since the load began.'),
    confirmed: z.number().describe('Answers per second; likewise in the next three fields.'),
    queued: z.number(),
    refused: z.number(),
    unknown: z.number(),
    p50_ms: z.number().nullable().describe('Of the answers since the previous point; null if there was none.'),
    p99_ms: z.number().nullable(),
    queue: z.number().nullable().describe('Null when no order service answered.'),
    faults: z.array(z.string()),
  })
  .meta({ id: 'GamedayPoint' });
export type GamedayPoint = z.infer<typeof gamedayPoint>;

/** A run. A `failed` run never gets a verdict; `problem` says why. */
export const gameday = z
  .object({
    id: gamedayId,
    experiment: z.string(),
    title: z.string().nullable(),
    state: z.enum(['running', 'finished', 'failed']),
    problem: z.string().nullable(),
    verdict: gamedayVerdict.nullable(),
    reasons: z.array(z.string()),
    started_at: timestamp,
    started_by: z.enum(['laboratory', 'terminal']).nullable(),
    target: z.string().nullable(),
    seed: z.number().nullable(),
    rate: z.number().nullable(),
    duration_s: z.number().nullable().describe('The requested length of the load, in seconds.'),
    took_s: z.number().nullable(),
    orders: count.nullable(),
    violations: count.nullable(),
    totals: totals.nullable().describe('Null until it has ended.'),
    latency_ms: latency.nullable().describe('Of all answers; null until it has ended.'),
    evidence: z.array(gamedayEvidence).describe('What it had to show; empty until it has ended.'),
    recoveries: z
      .array(
        z.object({
          fault: z.string(),
          ended_s: z.number().describe('Seconds since the load began.'),
          seconds: z
            .number()
            .nullable()
            .describe('Until clients were served as usual; null: not before the next fault.'),
        }),
      )
      .describe('How long the system took to recover from each fault; empty until it has ended.'),
    has_report: z.boolean(),
    progress: gamedayProgress.nullable().describe('Null unless it is running.'),
  })
  .meta({ id: 'Gameday' });
export type Gameday = z.infer<typeof gameday>;

export const gamedayAnswer = z.object({ gameday }).meta({ id: 'GamedayAnswer' });

/** The body of `GET /api/gamedays/{id}`, and the first event of its stream. */
export const gamedayDetail = z.object({ gameday, points: z.array(gamedayPoint) }).meta({ id: 'GamedayDetail' });
export type GamedayDetail = z.infer<typeof gamedayDetail>;

/** The data of the stream's `progress` events. */
export const gamedayTick = z
  .object({ progress: gamedayProgress, point: gamedayPoint.nullable() })
  .meta({ id: 'GamedayTick' });
export type GamedayTick = z.infer<typeof gamedayTick>;

export const gamedayPage = z
  .object({ items: z.array(gameday), next_cursor: z.string().nullable() })
  .meta({ id: 'GamedayPage' });
export type GamedayPage = z.infer<typeof gamedayPage>;

export const listGamedaysQuery = z.strictObject({
  cursor: z.string().regex(GAMEDAY_ID, 'must be a next_cursor that this path returned').optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

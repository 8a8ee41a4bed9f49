import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRun, unlistedOf } from '../checker/check-run.ts';
import { replayAnswers } from '../checker/recorded-answers.ts';
import type { journalOf } from '../report/journal.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import { merge } from '../runner/run-experiment.ts';
import { type Judgement, judge } from '../runner/verdict.ts';
import { changedFiles } from './manifest.ts';

export interface Verified extends Judgement {
  /** The changes since the run, in words; empty if there are none. */
  problems: string[];
}

/** Judges the evidence again, without the system. @throws {TargetError} for a folder without a finished run */
export async function verifyRun(folder: string): Promise<Verified> {
  const changed = await changedFiles(folder);
  if (changed.length > 0) {
    const reasons = changed.map((file) => `${file} has been changed since the run.`);
    return { verdict: 'FAIL', reasons, gaps: [], problems: reasons };
  }
  // Its hash is right, so journalOf wrote it.
  const journal = JSON.parse(readFileSync(join(folder, RUN_FILES.journal), 'utf8')) as ReturnType<typeof journalOf>;
  const judged = await judgeAgain(folder, journal);
  const before = [journal.valerix.verdict, ...journal.valerix.reasons].join(' ');
  const now = [judged.verdict, ...judged.reasons].join(' ');
  const problems = now === before ? [] : [`The run said: ${before}`, `Its evidence says: ${now}`];
  return { ...judged, problems };
}

/** Every answer is recorded: no database is asked. */
const RECORDED = { databaseUrl: 'recorded' };

async function judgeAgain(
  folder: string,
  { valerix, steady_states }: ReturnType<typeof journalOf>,
): Promise<Judgement> {
  const { basis, key_prefix: prefix, not_sent: notSent, evidence } = valerix;
  const checked =
    basis.unchecked === null
      ? await checkRun({
          services: {
            ...{ order: RECORDED, inventory: RECORDED },
            ...(valerix.checked?.money && { payment: RECORDED, provider: RECORDED }),
          },
          open: replayAnswers(join(folder, RUN_FILES.databases)),
          expectSettled: basis.expect_settled,
          historyFile: join(folder, RUN_FILES.history),
          prefix,
          fresh: basis.fresh,
        })
      : undefined;
  // Violations with a time were seen during the run.
  const seen = valerix.violations.filter(({ at }) => at !== undefined);
  return judge({
    before: steady_states.before,
    after: steady_states.after ?? undefined,
    violations: merge(checked?.violations ?? [], seen),
    unlisted: unlistedOf(checked),
    evidence,
    drained: valerix.drained ?? undefined,
    notSent,
    notRecovered: basis.not_recovered ?? undefined,
    interrupted: valerix.interrupted ?? undefined,
    deathsUnseen: basis.deaths_unseen,
    failedSteps: basis.failed_steps,
    unchecked: basis.unchecked ?? undefined,
    growth: valerix.growth ?? undefined,
  });
}

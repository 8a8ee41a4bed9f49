import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journalOf } from './report/journal.ts';
import { writeReport } from './report/write-report.ts';
import { RUN_FILES } from './run-folder/run-folder.ts';
import type { Progress } from './runner/announce.ts';
import type { RunOptions, RunResult } from './runner/run.ts';
import { runExperiment } from './runner/run-experiment.ts';
import type { Target } from './targets/target.ts';
import { writeManifest } from './verify/manifest.ts';

interface ReportedRunOptions extends Omit<RunOptions, 'target'> {
  /** Opens the system of this run, which is closed afterwards. */
  open: (onNotice: (name: string, text: string) => void) => Promise<Target>;
  onProgress: (progress: Progress) => void;
}

/** Runs an experiment against a target of its own; writes history, journal, report and the target's log. @returns also the report's path */
export async function runAndReport(options: ReportedRunOptions): Promise<{ result: RunResult; report: string }> {
  const { folder } = options;
  let last: Progress | undefined;
  const onProgress = (progress: Progress) => {
    last = progress;
    options.onProgress(progress);
  };
  mkdirSync(folder, { recursive: true });
  const notices = createWriteStream(join(folder, RUN_FILES.target));
  try {
    const target = await options.open((name, text) => {
      notices.write(`${new Date().toISOString()} ${name}: ${text}\n`);
    });
    try {
      const result = await runExperiment({ ...options, target, onProgress });
      writeFileSync(join(folder, RUN_FILES.journal), `${JSON.stringify(journalOf(result), null, 2)}\n`);
      const report = await writeReport(result, target, folder);
      await writeManifest(folder);
      return { result, report };
    } finally {
      if (last) options.onProgress({ ...last, phase: 'closing' });
      await target.close();
    }
  } finally {
    notices.end();
  }
}

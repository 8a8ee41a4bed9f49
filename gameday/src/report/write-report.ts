import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../runner/run-experiment.ts';
import type { Target } from '../targets/target.ts';

export async function writeReport(_result: RunResult, _target: Target, folder: string): Promise<string> {
  const file = join(folder, 'report.html');
  writeFileSync(file, '');
  return file;
}

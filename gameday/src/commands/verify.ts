import { resolve } from 'node:path';
import type { GamedayVerdict } from '@valerix/contracts';
import type { Config } from '../config.ts';
import { EXIT_CODES } from '../runner/verdict.ts';
import { verifyRun } from '../verify/verify-run.ts';
import { type Flags, parentOf, worstOf } from './flags.ts';

/** Judges runs, named by id or folder, again by their evidence alone. @returns the worst verdict's exit code; a change is a FAIL */
export async function verifyCommand(config: Config, names: readonly string[], flags: Flags): Promise<number> {
  const verdicts: GamedayVerdict[] = [];
  for (const name of names) {
    const { verdict, reasons, problems } = await verifyRun(
      resolve(name.includes('/') ? '.' : parentOf(config, flags), name),
    );
    verdicts.push(problems.length > 0 ? 'FAIL' : verdict);
    console.log(problems.length > 0 ? `${name}: not as the run left it` : `${name}: ${verdict} again`);
    for (const line of problems.length > 0 ? problems : reasons) console.log(`  ${line}`);
  }
  return EXIT_CODES[worstOf(verdicts)];
}

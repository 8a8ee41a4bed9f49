import { basename, dirname, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { undoAbandoned, undoRun } from '../undo/abandoned.ts';
import { type Flags, parentOf } from './flags.ts';

/**
 * Undoes the steps that killed runners left: of the runs named by id or folder, or of all.
 * @returns 0 when nothing is left, 1 when a step could not be undone @throws {TargetError} for a run that is unknown or running
 */
export async function undoCommand(config: Config, names: readonly string[], flags: Flags): Promise<number> {
  const parent = parentOf(config, flags);
  let [count, failures] = [0, 0];
  const tell = (line: string, failed: boolean) => {
    console.log(line);
    count += 1;
    if (failed) failures += 1;
  };
  if (names.length === 0) await undoAbandoned(parent, config.env, tell);
  for (const name of names) {
    const folder = name.includes('/') ? resolve(name) : resolve(parent, name);
    for (const { step, detail, failed } of await undoRun(dirname(folder), basename(folder), config.env)) {
      tell(`"${step}" ${failed ? 'could not be undone' : 'is undone'}: ${detail}`, failed);
    }
  }
  if (count === 0) console.log('There is nothing to undo.');
  return failures === 0 ? 0 : 1;
}

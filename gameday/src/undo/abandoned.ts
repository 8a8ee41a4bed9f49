import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GAMEDAY_ID } from '@valerix/contracts';
import type { Env } from '../config.ts';
import { readRun } from '../run-folder/read-run.ts';
import { TargetError } from '../targets/target.ts';
import { pending, type Undone, undoAll } from './undo-journal.ts';

/** Undoes the open steps of one run. @throws {TargetError} if there is no such run, or its runner is alive and will do it */
export async function undoRun(parent: string, id: string, env: Env): Promise<Undone[]> {
  const run = await readRun(parent, id);
  if (!run) throw new TargetError(`There is no run "${id}" in ${parent}.`);
  if (run.process) throw new TargetError(`${id} is running; it undoes its steps when it ends.`);
  return undoAll(join(parent, id), env);
}

/** Undoes the open steps of every run whose runner is gone. `tell` gets a line for each step. */
export async function undoAbandoned(
  parent: string,
  env: Env,
  tell: (line: string, failed: boolean) => void,
): Promise<void> {
  for (const id of runsIn(parent)) {
    if (pending(join(parent, id)).length === 0 || (await readRun(parent, id))?.process) continue;
    for (const { step, detail, failed } of await undoRun(parent, id, env)) {
      tell(`${id}: "${step}" ${failed ? 'could not be undone' : 'is undone'}: ${detail}`, failed);
    }
  }
}

function runsIn(parent: string): string[] {
  try {
    return readdirSync(parent).filter((name) => GAMEDAY_ID.test(name));
  } catch {
    // The first run makes the folder.
    return [];
  }
}

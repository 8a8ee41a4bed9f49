import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readLine } from '@valerix/contracts';
import { z } from 'zod';
import type { Env } from '../config.ts';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import { perform, type Undo, undo } from './undo.ts';

const plannedLine = z.object({ type: z.literal('planned'), id: z.string(), at: z.string(), step: z.string(), undo });
const line = z.discriminatedUnion('type', [plannedLine, z.object({ type: z.literal('undone'), id: z.string() })]);
type Planned = z.infer<typeof plannedLine>;

/** The result of one planned undo. */
export interface Undone {
  step: string;
  /** What was done, or why it failed, in words. */
  detail: string;
  failed: boolean;
}

/** Every fault ends by itself within this time, milliseconds (MAX_FAULT_SECONDS). */
const FAULTS_END_MS = 3_600_000;

/** Writes that a step will act, and its undo. The line is on the disk when this returns. @returns the id of the plan */
export function plan(folder: string, step: string, what: Undo): string {
  const id = randomUUID();
  append(folder, { type: 'planned', id, at: new Date().toISOString(), step, undo: what });
  return id;
}

/** Writes that a plan is done. */
export const settle = (folder: string, id: string): void => append(folder, { type: 'undone', id });

/** The planned undos of a run that are not done, the last step first. */
export function pending(folder: string): Planned[] {
  const lines = textOf(join(folder, RUN_FILES.undo))
    .split('\n')
    .flatMap((text) => readLine(line, text) ?? []);
  const undone = new Set(lines.flatMap((one) => (one.type === 'undone' ? one.id : [])));
  return lines
    .filter((one) => one.type === 'planned')
    .filter(({ id }) => !undone.has(id))
    .reverse();
}

/** Performs the open undos of a run, the last step first; each even if another failed. */
export async function undoAll(
  folder: string,
  env: Env,
  which: (planned: Undo) => boolean = () => true,
): Promise<Undone[]> {
  const done: Undone[] = [];
  for (const planned of pending(folder).filter((one) => which(one.undo))) {
    const { id, step, at } = planned;
    try {
      done.push({ step, detail: await perform(planned.undo, env), failed: false });
      settle(folder, id);
    } catch (error) {
      const expired = planned.undo.do === 'disarm' && Date.now() - Date.parse(at) > FAULTS_END_MS;
      if (expired) settle(folder, id);
      else done.push({ step, detail: (error as Error).message || String(error), failed: true });
    }
  }
  return done;
}

function append(folder: string, entry: z.infer<typeof line>): void {
  const file = openSync(join(folder, RUN_FILES.undo), 'a');
  try {
    writeSync(file, `${JSON.stringify(entry)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

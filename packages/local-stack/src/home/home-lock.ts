import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, processIdentity } from '../machine/process-identity.ts';
import { type Home, writePrivately } from './home.ts';

/** Who runs the stack of a home. */
export interface LockHolder {
  pid: number;
  identity: string;
  startedAt: string;
  /** A home made for one test run: whoever finds it abandoned may delete it. */
  temporary: boolean;
  /** All of it has been started. */
  up?: boolean;
}

export class AlreadyRunning extends Error {
  readonly holder: LockHolder;

  constructor(home: Home, holder: LockHolder) {
    super(`The stack in ${home.path} is running already (pid ${holder.pid}, since ${holder.startedAt}).`);
    this.holder = holder;
  }
}

const fileOf = (home: Home): string => join(home.run, 'supervisor.json');

/** The holder as written, dead or alive. */
export function lastHolder(home: Home): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** The holder, if it is alive. */
export function liveHolder(home: Home): LockHolder | undefined {
  const holder = lastHolder(home);
  return holder && isSameProcess(holder.pid, holder.identity) ? holder : undefined;
}

/**
 * Takes the home for this process, over the lock of a dead one if need be.
 * @throws AlreadyRunning while its holder lives.
 */
export async function lockHome(home: Home, temporary: boolean): Promise<void> {
  const mine: LockHolder = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? 'unknown',
    startedAt: new Date().toISOString(),
    temporary,
  };
  try {
    writeFileSync(fileOf(home), JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  refuseWhileHeld(home);
  // Two may find the same dead lock. Both write over it, the last stands, and after a pause each sees who won.
  writePrivately(fileOf(home), JSON.stringify(mine));
  await sleep(100);
  if (lastHolder(home)?.pid !== process.pid) refuseWhileHeld(home);
}

/** Says that all of the stack of this process has been started. */
export function markUp(home: Home): void {
  const holder = lastHolder(home);
  if (holder?.pid === process.pid) writePrivately(fileOf(home), JSON.stringify({ ...holder, up: true }));
}

function refuseWhileHeld(home: Home): void {
  const holder = liveHolder(home);
  if (holder) throw new AlreadyRunning(home, holder);
}

/** Takes the lock of a dead holder away; that of a live one stays. */
export function removeDeadLock(home: Home): void {
  if (!liveHolder(home)) rmSync(fileOf(home), { force: true });
}

/** Gives the home back. */
export function unlockHome(home: Home): void {
  if (lastHolder(home)?.pid === process.pid) rmSync(fileOf(home), { force: true });
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, processIdentity } from '../machine/process-identity.ts';
import { type Home, writePrivately } from './home.ts';

/** The process that runs the stack of a home. */
export interface LockHolder {
  pid: number;
  identity: string;
  startedAt: string;
  /** The home was made for one test run: a later run may delete it once its holder is dead. */
  temporary: boolean;
  /** Every process of the stack has been started. */
  up?: boolean;
}

export class AlreadyRunning extends Error {
  constructor(home: Home, holder: LockHolder) {
    super(`The stack in ${home.path} is already running (pid ${holder.pid}, since ${holder.startedAt}).`);
  }
}

const fileOf = (home: Home): string => join(home.run, 'supervisor.json');

/** The holder in the lock file, dead or alive. */
export function lastHolder(home: Home): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** The holder in the lock file, if it is alive. */
export function liveHolder(home: Home): LockHolder | undefined {
  const holder = lastHolder(home);
  return holder && isSameProcess(holder.pid, holder.identity) ? holder : undefined;
}

/**
 * Locks the home for this process, replacing the lock of a dead holder.
 * @throws AlreadyRunning while another holder is alive
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
  // Two processes may find the same dead lock. Both overwrite it; after a pause each reads which one came last.
  writePrivately(fileOf(home), JSON.stringify(mine));
  await sleep(100);
  if (lastHolder(home)?.pid !== process.pid) refuseWhileHeld(home);
}

/** Records that this process has started its whole stack. */
export function markUp(home: Home): void {
  const holder = lastHolder(home);
  if (holder?.pid !== process.pid) return;
  home.disk.attempt(fileOf(home), () => writePrivately(fileOf(home), JSON.stringify({ ...holder, up: true })));
}

function refuseWhileHeld(home: Home): void {
  const holder = liveHolder(home);
  if (holder) throw new AlreadyRunning(home, holder);
}

/** Removes the lock of a dead holder; keeps the lock of a live one. */
export function removeDeadLock(home: Home): void {
  if (!liveHolder(home)) removeLock(home);
}

/** Removes this process's lock. */
export function unlockHome(home: Home): void {
  if (lastHolder(home)?.pid === process.pid) removeLock(home);
}

// A remaining lock does no harm: its holder is dead.
const removeLock = (home: Home): void => home.disk.attempt(fileOf(home), () => rmSync(fileOf(home), { force: true }));

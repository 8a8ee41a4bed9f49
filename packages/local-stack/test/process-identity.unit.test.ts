import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createHome } from '../src/home/home.ts';
import { AlreadyRunning, lastHolder, liveHolder, lockHome, removeDeadLock, unlockHome } from '../src/home/home-lock.ts';
import { readRecords, writeRecord } from '../src/home/run-record.ts';
import { identityFromStat, isSameProcess, processIdentity } from '../src/machine/process-identity.ts';
import { postmasterPid, removeStalePidFile } from '../src/servers/postmaster.ts';
import { stopLeftovers } from '../src/stack/leftovers.ts';

const folders: string[] = [];
const children: ChildProcess[] = [];

const newHome = () => {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-test-'));
  folders.push(folder);
  return createHome(folder);
};

const sleeper = (): number => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  children.push(child);
  return child.pid as number;
};

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const record = (pid: number, identity: string | undefined) => ({
  name: 'order-service',
  pid,
  identity,
  port: 1,
  state: 'running' as const,
  restarts: 0,
});

describe('a process', () => {
  it('is known by its start time, not by its pid alone', () => {
    const pid = sleeper();
    const identity = processIdentity(pid) as string;
    expect(isSameProcess(pid, identity)).toBe(true);
    expect(isSameProcess(process.pid, identity)).toBe(false);
    expect(processIdentity(2 ** 22 + 1)).toBeUndefined();
  });

  it('is read right when its name holds brackets and spaces; a zombie is gone', () => {
    const rest = Array.from({ length: 18 }, (_, index) => index).join(' ');
    expect(identityFromStat(`7 (a) S b) R ${rest} 4711 0`, 'boot')).toBe('boot:4711');
    expect(identityFromStat(`7 (a) Z ${rest} 4711 0`, 'boot')).toBeUndefined();
    expect(identityFromStat('', 'boot')).toBeUndefined();
  });
});

describe('clearing up after a killed supervisor', () => {
  it('stops the very process it recorded', async () => {
    const home = newHome();
    const pid = sleeper();
    writeRecord(home, record(pid, processIdentity(pid)));
    expect(await stopLeftovers(home)).toEqual(['order-service']);
    expect(processIdentity(pid)).toBeUndefined();
    expect(readRecords(home)).toEqual([]);
  });

  it('leaves no record behind, of PostgreSQL neither', async () => {
    const home = newHome();
    writeRecord(home, { ...record(sleeper(), 'another boot:1'), name: 'postgres' });
    await stopLeftovers(home);
    expect(readRecords(home)).toEqual([]);
  });

  it('never touches a process that got the same pid later', async () => {
    const home = newHome();
    const pid = sleeper();
    writeRecord(home, record(pid, 'another boot:1'));
    expect(await stopLeftovers(home)).toEqual([]);
    expect(processIdentity(pid)).toBeDefined();
  });

  it('takes no stranger for the postmaster, and removes the pid file that names it', async () => {
    const home = newHome();
    const data = join(home.postgres, 'data');
    mkdirSync(data, { recursive: true });
    const pid = sleeper();
    writeFileSync(join(data, 'postmaster.pid'), `${pid}\n${data}\n`);
    expect(postmasterPid(data)).toBeUndefined();
    expect(await stopLeftovers(home)).toEqual([]);
    removeStalePidFile(data);
    expect(existsSync(join(data, 'postmaster.pid'))).toBe(false);
    expect(processIdentity(pid)).toBeDefined();
  });
});

describe('the lock of a home', () => {
  it('is taken away from a dead holder, and left to a live one', async () => {
    const home = newHome();
    const dead = { pid: sleeper(), identity: 'another boot:1', startedAt: 'then', temporary: false };
    writeFileSync(join(home.run, 'supervisor.json'), JSON.stringify(dead));
    removeDeadLock(home);
    expect(lastHolder(home)).toBeUndefined();
    await lockHome(home, false);
    removeDeadLock(home);
    expect(liveHolder(home)?.pid).toBe(process.pid);
  });

  it('refuses a second holder while the first lives, and names it', async () => {
    const home = newHome();
    await lockHome(home, false);
    await expect(lockHome(home, false)).rejects.toThrow(AlreadyRunning);
    await expect(lockHome(home, false)).rejects.toThrow(`pid ${process.pid}`);
    unlockHome(home);
    expect(liveHolder(home)).toBeUndefined();
  });

  it('is taken over from a dead holder, also when its pid was given to somebody else', async () => {
    const home = newHome();
    const dead = { pid: sleeper(), identity: 'another boot:1', startedAt: 'then', temporary: false };
    writeFileSync(join(home.run, 'supervisor.json'), JSON.stringify(dead));
    await lockHome(home, false);
    expect(liveHolder(home)?.pid).toBe(process.pid);
  });
});

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Home, homeAt } from '../home/home.ts';
import { lastHolder, liveHolder } from '../home/home-lock.ts';
import { isRunning, type RunRecord, readRecords, removeRecord } from '../home/run-record.ts';
import { trySignal } from '../machine/after-crash.ts';
import { isSameProcess } from '../machine/process-identity.ts';
import { waitUntil } from '../machine/wait-until.ts';
import { knownLocation } from '../servers/postgres-location.ts';
import { postmasterPid, stopPostmaster } from '../servers/postmaster.ts';
import { entryNamed, processWaves } from './process-table.ts';

/** The prefix of temporary homes, by which the next test run finds those of a killed one. */
export const temporaryPrefix = 'valerix-home-';
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 15_000;

/**
 * Stops what a killed supervisor left running, in the order of a normal stop.
 * A process that reused a recorded pid is left alone.
 * @returns the names of the stopped processes
 */
export async function stopLeftovers(home: Home): Promise<string[]> {
  const stopped: string[] = [];
  for (const group of stopOrder(readRecords(home))) {
    await Promise.all(
      group.map(async (record) => {
        if (isRunning(record)) {
          stopped.push(record.name);
          await terminate(record.pid, record.identity);
        }
        removeRecord(home, record.name);
      }),
    );
  }
  const location = knownLocation(home);
  if (location && postmasterPid(location.data) !== undefined) {
    stopped.push('postgres');
    await stopPostmaster(location.data, 'fast');
  }
  removeRecord(home, 'postgres');
  return stopped;
}

/** Callers before the services they call, then Redis. PostgreSQL is not here: it is found by its data, not by a record. */
function stopOrder(records: readonly RunRecord[]): RunRecord[][] {
  const rank = ({ name }: RunRecord): number => {
    if (name === 'redis') return -1;
    const key = entryNamed(name)?.key;
    const wave = processWaves.findIndex((keys) => keys.some((each) => each === key));
    // Processes that the system no longer declares stop first.
    return wave === -1 ? processWaves.length : wave;
  };
  const own = records.filter(({ name }) => name !== 'postgres');
  return [...Map.groupBy(own, rank)].sort(([a], [b]) => b - a).map(([, group]) => group);
}

async function terminate(pid: number, identity: string): Promise<void> {
  trySignal(-pid, 'SIGTERM');
  trySignal(-pid, 'SIGCONT');
  const ended = () => !isSameProcess(pid, identity);
  if (await waitUntil(GRACE_MS, 20, ended)) return;
  trySignal(-pid, 'SIGKILL');
  await waitUntil(Number.POSITIVE_INFINITY, 20, ended);
}

/** Stops the processes of killed test runs and deletes their temporary homes. */
export async function clearAbandonedHomes(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(temporaryPrefix));
  for (const folder of folders) {
    const home = homeAt(join(tmpdir(), folder));
    const holder = lastHolder(home);
    // Without a lock it is being created right now.
    if (!holder || liveHolder(home)) continue;
    try {
      await stopLeftovers(home);
      if (holder.temporary) removeTemporaryHome(home);
    } catch {
      // Another test run is clearing it right now.
    }
  }
}

/** Deletes the stack's files in a home, its cluster wherever that is, and the folder if it is then empty. */
export function removeHome(home: Home): void {
  const location = knownLocation(home);
  const { path: _path, disk: _disk, ...own } = home;
  for (const path of [...(location ? [location.folder] : []), ...Object.values(own)]) {
    rmSync(path, { recursive: true, force: true });
  }
  if (existsSync(home.path) && readdirSync(home.path).length === 0) rmdirSync(home.path);
}

/** Deletes a temporary home with everything in it, such as the reports of a laboratory. */
export function removeTemporaryHome(home: Home): void {
  removeHome(home);
  rmSync(home.path, { recursive: true, force: true });
}

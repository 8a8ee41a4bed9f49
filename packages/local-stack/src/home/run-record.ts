import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess } from '../machine/process-identity.ts';
import { type Home, writePrivately } from './home.ts';

export type ProcessState = 'starting' | 'running' | 'restarting' | 'stopped';

/** The contents of `run/<name>.json`. */
export interface RunRecord {
  name: string;
  pid?: number;
  /** Start time of `pid`; if it no longer matches, the recorded process has ended and its pid was reused. */
  identity?: string;
  port: number;
  state: ProcessState;
  /** ISO 8601. */
  startedAt?: string;
  restarts: number;
}

const fileOf = (home: Home, name: string): string => join(home.run, `${name}.json`);

export function writeRecord(home: Home, record: RunRecord): void {
  const file = fileOf(home, record.name);
  home.disk.attempt(file, () => {
    mkdirSync(home.run, { recursive: true });
    writePrivately(file, `${JSON.stringify(record)}\n`);
  });
}

export function removeRecord(home: Home, name: string): void {
  const file = fileOf(home, name);
  home.disk.attempt(file, () => rmSync(file, { force: true }));
}

/** The records of a home, or none when it never ran. Files that are not JSON are skipped. */
export function readRecords(home: Home): RunRecord[] {
  let names: string[];
  try {
    names = readdirSync(home.run).filter((file) => file.endsWith('.json') && file !== 'supervisor.json');
  } catch {
    return [];
  }
  return names.flatMap((file) => {
    try {
      return [JSON.parse(readFileSync(join(home.run, file), 'utf8')) as RunRecord];
    } catch {
      return [];
    }
  });
}

/** True when the recorded process itself runs, not another one with its pid. */
export function isRunning(record: RunRecord): record is RunRecord & { pid: number; identity: string } {
  return record.pid !== undefined && record.identity !== undefined && isSameProcess(record.pid, record.identity);
}

import { existsSync } from 'node:fs';
import { databaseUrlVariable, SERVICE_KEYS } from '@valerix/system';
import type { LocalConfig, StackEnv } from '../config.ts';
import { readEnvFile } from '../home/env-file.ts';
import { type Home, homeAt } from '../home/home.ts';
import { type LockHolder, liveHolder } from '../home/home-lock.ts';
import { isRunning, type RunRecord, readRecords } from '../home/run-record.ts';
import { httpStatus } from '../machine/http-probe.ts';
import { answersQuery } from '../servers/databases.ts';
import { knownLocation } from '../servers/postgres-location.ts';
import { answersPing, redisUrl } from '../servers/redis-server.ts';
import { entryNamed, processTable } from '../stack/process-table.ts';
import { httpUrl } from '../stack/stack-plan.ts';
import { duration, table } from './table.ts';

/** Shows every process. @returns 0 when the stack is up and every process is healthy, else 1 */
export async function status(config: LocalConfig): Promise<number> {
  const home = homeAt(config.home);
  const holder = liveHolder(home);
  const records = readRecords(home).sort((a, b) => order(a) - order(b));
  const rows = await Promise.all(records.map((record) => row(record, holder, readEnvFile(home))));
  const healthy = rows.every((cells) => cells.at(-1) === 'ok');
  if (holder) rows.push(...notStarted(records));
  if (rows.length > 0) {
    console.log(table(['PROCESS', 'PID', 'PORT', 'STATE', 'UPTIME', 'RESTARTS', 'HEALTH'], rows));
    console.log('');
  }
  for (const line of notes(home, holder, rows.length > 0)) console.log(line);
  return holder?.up && healthy ? 0 : 1;
}

/** A row for each declared process that this stack does not run. */
function notStarted(records: readonly RunRecord[]): string[][] {
  const running = new Set(records.map(({ name }) => entryNamed(name)?.key));
  return processTable
    .filter(({ key }) => !running.has(key))
    .map(({ name }) => [name, '-', '-', 'not started', '-', '-', '-']);
}

function order({ name }: RunRecord): number {
  return ['postgres', 'redis', ...processTable.map((entry) => entry.name)].indexOf(entryNamed(name)?.name ?? name);
}

async function row(record: RunRecord, holder: LockHolder | undefined, env: Partial<StackEnv>): Promise<string[]> {
  const alive = isRunning(record);
  const state = alive ? (holder ? record.state : 'left over') : record.state === 'running' ? 'dead' : record.state;
  const uptime = alive && record.startedAt ? duration(Date.now() - Date.parse(record.startedAt)) : '-';
  const health = alive ? await healthOf(record, env) : '-';
  const pid = alive ? String(record.pid) : '-';
  return [record.name, pid, String(record.port), state, uptime, String(record.restarts), health];
}

async function healthOf({ name, port }: RunRecord, env: Partial<StackEnv>): Promise<string> {
  if (name === 'postgres') {
    const urls = SERVICE_KEYS.map((key) => env[databaseUrlVariable(key)]);
    const url = urls.find((each) => each?.includes(`:${port}/`));
    return url && (await answersQuery(url)) ? 'ok' : 'no answer';
  }
  if (name === 'redis') return (await answersPing(redisUrl(port))) ? 'ok' : 'no answer';
  const answer = await httpStatus(`${httpUrl(port)}/readyz`);
  return answer === 200 ? 'ok' : answer === undefined ? 'no answer' : `not ready (${answer})`;
}

function notes(home: Home, holder: LockHolder | undefined, hasRows: boolean): string[] {
  const location = knownLocation(home);
  const killed = hasRows ? ': the supervisor was killed. "make up" or "make stop" stops what it left' : '';
  const starting = holder?.up ? '' : ', still starting';
  const lines = holder
    ? [`Supervisor: pid ${holder.pid}, since ${holder.startedAt}${starting}. State is in ${home.path}.`]
    : [`Not running${killed}. (${home.path})`];
  if (location?.elsewhere && existsSync(location.folder)) {
    lines.push(`The database cluster is in ${location.folder}, because its user cannot reach ${home.path}.`);
  }
  return lines;
}

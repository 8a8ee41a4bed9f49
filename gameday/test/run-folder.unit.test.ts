import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GAMEDAY_ID, type GamedayPoint } from '@valerix/contracts';
import { processIdentity } from '@valerix/local-stack/machine/process-identity';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalOf } from '../src/report/journal.ts';
import { figures } from '../src/report/sections.ts';
import { openProgressFile } from '../src/run-folder/progress-file.ts';
import { parseRunLine, type RunLine, type StartLine } from '../src/run-folder/progress-lines.ts';
import { readRun } from '../src/run-folder/read-run.ts';
import { makeRunFolder } from '../src/run-folder/run-folder.ts';
import { pointsOf, RunTail } from '../src/run-folder/tail-run.ts';
import type { Progress } from '../src/runner/announce.ts';
import type { FaultWindow } from '../src/runner/fault-log.ts';
import type { RunResult } from '../src/runner/run.ts';
import { Tally } from '../src/runner/tally.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'valerix-runs-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const plan = { experiment: 'mix', title: 'Mix', seed: 1, rate: 60, duration_s: 60, started_by: 'terminal' as const };
const start = (pid: number, identity: string): StartLine => ({
  type: 'start',
  ...plan,
  started_at: '2026-01-01T00:00:00Z',
  pid,
  identity,
});
const ID = '2026-01-01T00-00-00-mix';

function put(lines: readonly (RunLine | string)[], files: Record<string, string> = {}): void {
  mkdirSync(join(parent, ID), { recursive: true });
  const text = lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join('');
  writeFileSync(join(parent, ID, 'progress.jsonl'), text);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(parent, ID, name), content);
}
const gameday = async () => (await readRun(parent, ID))?.gameday;

describe('the folder of a run', () => {
  it('should be one for each run, also of the same second, by a name that is safe in a path', () => {
    const now = new Date('2026-01-01T00:00:00.500Z');
    const names = ['mix', 'mix', '../my own: run', 'ünïcode'].map((name) => makeRunFolder(parent, name, now).id);
    expect(new Set(names).size).toBe(4);
    expect(names[1]).toBe('2026-01-01T00-00-00-mix-2');
    for (const name of names) expect(name).toMatch(GAMEDAY_ID);
  });

  it('should be of a run that goes on while its very process lives', async () => {
    const identity = processIdentity(process.pid) as string;
    put([start(process.pid, identity)]);
    expect(await gameday()).toMatchObject({ state: 'running', title: 'Mix', started_by: 'terminal' });
    put([start(process.pid, 'another process with this pid')]);
    expect(await gameday()).toMatchObject({ state: 'failed', problem: 'The run ended before it could report.' });
    put([start(process.pid, identity), { type: 'failed', message: 'no Redis' }]);
    expect(await gameday()).toMatchObject({ state: 'failed', problem: 'no Redis' });
  });

  it('should count a violation that was seen and is gone again', async () => {
    const seen = { invariant: 'I2', class: 'oversold', subject: 'ps5', detail: 'the stock is -1', at: 900 };
    const result = {
      experiment: { source: { title: 'Mix' } },
      ...{ target: 'a stack', seed: 1, rate: 60, durationS: 60, verdict: 'FAIL', reasons: ['I2 is broken (1 found).'] },
      ...{ start: new Date(), end: new Date(), before: { steady_state_met: true, probes: [] }, tally: new Tally() },
      ...{
        observations: { samples: [], breakerOpened: 0 },
        basis: { failedSteps: [], deathsUnseen: [] },
        checked: { total: 0, violations: [] },
        violations: [seen],
      },
    } as unknown as RunResult;
    put([], { 'journal.json': JSON.stringify(journalOf(result)) });
    expect(await gameday()).toMatchObject({ verdict: 'FAIL', violations: 1 });
    expect(String(figures(result))).toContain('<b>1</b><span>violations</span>');
  });

  it('should not be believed when it is none', async () => {
    expect(await readRun(parent, '../x')).toBeUndefined();
    expect(await readRun(parent, ID)).toBeUndefined();
    put(['torn {', '{"type":"end"}\n'], { 'journal.json': '[]' });
    expect(await gameday()).toMatchObject({
      state: 'failed',
      experiment: 'mix',
      started_at: '2026-01-01T00:00:00.000Z',
    });
  });
});

const window = (name: string, from: number, to?: number): FaultWindow => ({
  name,
  kind: 'target',
  from,
  fired: 1,
  ...(to !== undefined && { to }),
});

describe('the progress of a run', () => {
  it('should be written about once a second, with what happened since', () => {
    const { path } = makeRunFolder(parent, 'mix');
    const file = openProgressFile(path, plan);
    const tally = new Tally();
    const show = (phase: Progress['phase'], ms: number, windows: FaultWindow[] = []) =>
      file.show({
        phase,
        ms,
        durationMs: 60_000,
        tally,
        faults: [],
        windows,
        violations: 0,
        evidence: [],
        sample: { t: ms, breaker: 1 },
      });
    show('load', 0);
    for (let op = 0; op < 20; op++) tally.add({ t: 100, op, f: 'place', type: 'ok', status: 201, latency: 30 });
    show('load', 500);
    show('rollback', 2_000, [window('a restart', 700, 900), window('long over', -500, -100)]);
    file.stopping('enough');
    file.end('PASS');
    file.close();
    const lines = readFileSync(join(path, 'progress.jsonl'), 'utf8').trim().split('\n').map(parseRunLine);
    expect(lines.map((line) => line?.type)).toEqual(['start', ...Array(4).fill('progress'), 'end']);
    const [, , begun, second, told] = lines;
    expect(begun).toMatchObject({ point: null, progress: { phase: 'load', breaker: 'open' } });
    expect(second).toMatchObject({ point: { t: 2, confirmed: 10, p50_ms: expect.any(Number), faults: ['a restart'] } });
    expect(told).toMatchObject({ progress: { phase: 'rollback', stopping: 'enough' } });
  });

  it('should be followed line by line, also while one is being written', async () => {
    put([start(1, 'x')]);
    const tail = new RunTail(join(parent, ID));
    expect(await tail.read()).toHaveLength(1);
    const file = join(parent, ID, 'progress.jsonl');
    appendFileSync(file, '{"type":"failed","mess');
    expect(await tail.read()).toEqual([]);
    appendFileSync(file, 'age":"größer"}\nnot json\n');
    expect(await tail.read()).toEqual([{ type: 'failed', message: 'größer' }]);
    await tail.close();
  });

  it('should keep the peaks of a long run when its points are put together', () => {
    const progress = { phase: 'load' } as never;
    const lines = Array.from({ length: 3_600 }, (_, t): RunLine => {
      const point: GamedayPoint = {
        t,
        confirmed: 60,
        queued: 0,
        refused: 0,
        unknown: 0,
        p50_ms: 5,
        p99_ms: 9,
        queue: null,
        faults: [],
      };
      if (t === 1_000) Object.assign(point, { p99_ms: 4_000, queue: 77, faults: ['gone'] });
      return { type: 'progress', progress, point };
    });
    const points = pointsOf(lines);
    expect(points).toHaveLength(1_200);
    expect(points.find(({ p99_ms }) => p99_ms === 4_000)).toMatchObject({ confirmed: 60, queue: 77, faults: ['gone'] });
    expect(points.at(-1)?.t).toBe(3_599);
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentList, Gameday, GamedayPage } from '@valerix/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRun } from '../src/run-folder/read-run.ts';
import { LaboratoryProcess, TOKEN } from './support/laboratory-process.ts';

let home: string;
let laboratory: LaboratoryProcess;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'valerix-laboratory-'));
  laboratory = await LaboratoryProcess.start(home);
});
afterEach(async () => {
  laboratory.kill('SIGTERM');
  await laboratory.exit;
  rmSync(home, { recursive: true, force: true });
});

const runs = () => join(home, 'gameday');
const started = async (body: object): Promise<Gameday> => {
  const answer = await laboratory.start({ experiment: 'mix', ...body });
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  return answer.body.gameday;
};
const untilOver = (id: string) =>
  expect.poll(async () => (await readRun(runs(), id))?.gameday.state, { timeout: 15_000 }).not.toBe('running');

describe('a run of the laboratory', () => {
  it('should be started, watched from its first second to its verdict, and reported', async () => {
    const { id, state, experiment } = await started({ seed: 2, duration_s: 5, rate: 30 });
    expect([state, experiment]).toEqual(['running', 'mix']);
    const events = await laboratory.watch(id);
    expect(events.at(0)).toMatchObject({ event: 'snapshot', data: { gameday: { id, state: 'running', rate: 30 } } });
    const told = events.filter(({ event }) => event === 'progress');
    expect(told.length).toBeGreaterThanOrEqual(3);
    const counted = { what: 'orders were placed', at_least: 10, seen: expect.any(Number) };
    expect(told.at(-1)).toMatchObject({ data: { progress: { evidence: [counted] } } });
    expect(events.at(-1)).toMatchObject({ event: 'ended', data: { gameday: { state: 'finished', verdict: 'PASS' } } });

    const { gameday, points } = await laboratory.detail(id);
    expect(gameday).toMatchObject({ verdict: 'PASS', seed: 2, has_report: true, progress: null });
    expect(gameday).toMatchObject({
      totals: { placed: gameday.orders },
      latency_ms: { p99: 12 },
      evidence: [{ what: 'orders were placed', at_least: 10, seen: gameday.orders, met: true }],
      recoveries: [
        { fault: 'a kill', ended_s: 2, seconds: 1.5 },
        { fault: 'a pause', ended_s: 4, seconds: null },
      ],
    });
    expect(points.length).toBeGreaterThanOrEqual(3);
    expect(points[1]).toMatchObject({ p50_ms: expect.any(Number), faults: [] });

    const report = await laboratory.ask('GET', `/api/gamedays/${id}/report`);
    expect(report.headers.get('content-type')).toContain('text/html');
    expect(report.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect((await laboratory.ask('GET', `/api/gamedays/${id}/journal`)).body).toMatchObject({ valerix: { seed: 2 } });
    for (const header of [
      'Range: bytes=0-1',
      'Range: bytes=9999999-',
      'If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT',
    ]) {
      const [name = '', value = ''] = header.split(': ');
      const part = await fetch(`${laboratory.url}/api/gamedays/${id}/report`, { headers: { [name]: value } });
      expect([header, part.status, await part.text()]).toEqual([header, 200, report.text]);
    }
    const again = await laboratory.watch(id);
    expect(again.map(({ event }) => event)).toEqual(['snapshot', 'ended']);
  });

  it('should be the only one, and make room for the next when it is stopped', async () => {
    const { id } = await started({ seed: 16, duration_s: 600 });
    const second = await laboratory.start({ experiment: 'mix' });
    expect([second.status, second.body.code]).toEqual([409, 'GAMEDAY_RUNNING']);
    expect(second.body.detail).toContain(id);

    const stops = await Promise.all([1, 2, 3].map(() => laboratory.ask('POST', `/api/gamedays/${id}/stop`)));
    expect(stops.map(({ status }) => status)).toEqual([202, 202, 202]);
    writeFileSync(join(runs(), id, 'rolled-back'), '');
    await untilOver(id);
    const { gameday } = await laboratory.detail(id);
    expect(gameday).toMatchObject({ verdict: 'INCONCLUSIVE', has_report: true });
    expect(gameday.reasons[0]).toContain('stopped in the laboratory');
    expect((await laboratory.ask('POST', `/api/gamedays/${id}/stop`)).body.code).toBe('GAMEDAY_NOT_RUNNING');
    const next = await started({ duration_s: 600 });
    expect(next.id).not.toBe(id);
  });

  it('should say why it could not be started', async () => {
    const dead = await laboratory.start({ experiment: 'mix', seed: 13 });
    expect([dead.status, dead.body.code]).toEqual([500, 'GAMEDAY_NOT_STARTED']);
    expect(dead.body.detail).toContain('this experiment cannot be run');
    const { id } = await started({ seed: 14 });
    await untilOver(id);
    expect((await laboratory.detail(id)).gameday).toMatchObject({
      state: 'failed',
      problem: 'the stack did not start',
      verdict: null,
    });
  });

  it('should end with its report when the laboratory is stopped', async () => {
    const { id } = await started({ duration_s: 600 });
    laboratory.kill('SIGTERM');
    await laboratory.exit;
    expect((await readRun(runs(), id))?.gameday).toMatchObject({ state: 'finished', verdict: 'INCONCLUSIVE' });
  });

  it('should be ended without one when it does not roll back in time', async () => {
    laboratory.kill('SIGTERM');
    await laboratory.exit;
    laboratory = await LaboratoryProcess.start(home, { SHUTDOWN_GRACE_MS: '5000' });
    const { id } = await started({ seed: 15, duration_s: 600 });
    const stopping = Date.now();
    laboratory.kill('SIGTERM');
    await laboratory.exit;
    expect(Date.now() - stopping).toBeLessThan(5_000);
    const run = await readRun(runs(), id);
    expect(run?.gameday).toMatchObject({ state: 'failed', problem: 'The run ended before it could report.' });
  });

  it('should not outlive a laboratory that was killed, and be known to the next one', async () => {
    const { id } = await started({ duration_s: 600 });
    laboratory.kill('SIGKILL');
    await laboratory.exit;
    await untilOver(id);
    laboratory = await LaboratoryProcess.start(home);
    const { gameday } = await laboratory.detail(id);
    expect(gameday.reasons).toEqual(['The run was cut short: the laboratory that started it is gone.']);
  });
});

describe('a laboratory in a cluster', () => {
  it('should run against the system of its namespace, and say so before', async () => {
    laboratory.kill('SIGTERM');
    await laboratory.exit;
    laboratory = await LaboratoryProcess.start(home, { GAMEDAY_TARGET: 'kubernetes', GAMEDAY_NAMESPACE: 'shop' });
    const { body } = await laboratory.ask<ExperimentList>('GET', '/api/experiments');
    const needs = Object.fromEntries(body.items.map((one) => [one.name, one.needs]));
    expect([body.fresh, needs['slow-network'], needs['redis-wiped']]).toEqual([false, ['Chaos Mesh'], []]);
    const { id } = await started({ experiment: 'redis-wiped', duration_s: 5 });
    await untilOver(id);
    expect((await laboratory.detail(id)).gameday.target).toBe(`kubernetes shop ${TOKEN}`);
  });
});

describe('requests to the laboratory', () => {
  it('should need the operator for what changes something, and name each wrong field', async () => {
    const stranger = await laboratory.ask('POST', '/api/gamedays', { experiment: 'mix' }, 'a-wrong-token');
    expect(stranger.status).toBe(401);
    const id = '2026-01-01T00-00-00-mix';
    expect((await laboratory.ask('POST', `/api/gamedays/${id}/stop`, undefined, 'wrong')).status).toBe(401);
    const wrong = await laboratory.start({ experiment: 'mix', seed: 0, rate: 'fast', duration_s: 1e9 });
    expect([wrong.status, wrong.body.errors.map(({ field }) => field).sort()]).toEqual([
      400,
      ['duration_s', 'rate', 'seed'],
    ]);
    // A file is no experiment of ours, whatever stands in it.
    for (const experiment of ['nothing', '../../etc/passwd', '/tmp/x.json']) {
      expect((await laboratory.start({ experiment })).body.errors.map(({ field }) => field)).toEqual(['experiment']);
    }
  });

  it('should find nothing outside the folder of the runs', async () => {
    mkdirSync(join(home, 'secret'));
    writeFileSync(join(home, 'secret/report.html'), 'secret<');
    mkdirSync(runs(), { recursive: true });
    symlinkSync(join(home, 'secret'), join(runs(), '2026-01-01T00-00-00-link'));
    for (const [path, status] of [
      ['..%2F..%2Fsecret/report', 400],
      ['2026-01-01T00-00-00-..%2F..%2Fsecret/report', 400],
      ['%2e%2e/journal', 404],
      ['2026-01-01T00-00-00-link/report', 404],
      ['2026-01-01T00-00-00-nothing', 404],
    ]) {
      const answer = await laboratory.ask('GET', `/api/gamedays/${path}`);
      expect([path, answer.status, answer.text.includes('secret<')]).toEqual([path, status, false]);
    }
  });

  it('should list what there is, page by page, whatever stands in a folder', async () => {
    const put = (id: string, files: Record<string, string>) => {
      mkdirSync(join(runs(), id), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(runs(), id, name), text);
    };
    put('2026-01-01T00-00-00-torn', { 'journal.json': '{"start":' });
    put('2026-01-02T00-00-00-strange', { 'journal.json': '{"valerix":{}}', 'progress.jsonl': 'not json\n\n{}' });
    put('2026-01-03T00-00-00-empty', {});
    put('not-a-run', { 'journal.json': '{}' });
    writeFileSync(join(runs(), '2026-01-04T00-00-00-a-file'), '');
    const { body } = await laboratory.ask<GamedayPage>('GET', '/api/gamedays?limit=2');
    // The file takes a place and is no run.
    expect(body.items.map(({ id, state }) => [id, state])).toEqual([['2026-01-03T00-00-00-empty', 'failed']]);
    const rest = await laboratory.ask<GamedayPage>('GET', `/api/gamedays?cursor=${body.next_cursor}`);
    expect(rest.body.items.map(({ id, problem }) => [id, problem])).toEqual([
      ['2026-01-02T00-00-00-strange', expect.stringContaining('is not one of ours')],
      ['2026-01-01T00-00-00-torn', expect.stringContaining('cannot be read')],
    ]);
    expect(rest.body.next_cursor).toBeNull();
    expect((await laboratory.ask('GET', '/api/gamedays?cursor=../x')).status).toBe(400);
  });

  it('should tell of the experiments, the easiest first, and how it is', async () => {
    const { body } = await laboratory.ask<ExperimentList>('GET', '/api/experiments');
    // Each level stands in one piece.
    const changes = body.items.map(({ level }) => level).filter((level, index, all) => level !== all[index - 1]);
    expect(changes).toEqual(['easy', 'medium', 'hard']);
    expect(body.items.find(({ name }) => name === 'schrodinger')?.method[0]).toEqual({
      name: 'the answer is lost after the commit',
      does: 'inventory-service, after-commit: drop-response, 30 %, for 12 s',
      after_s: 4,
    });
    for (const path of ['/livez', '/readyz', '/health', '/metrics', '/openapi.json']) {
      expect([path, (await laboratory.ask('GET', path)).status]).toEqual([path, 200]);
    }
    expect((await laboratory.ask('DELETE', '/api/gamedays')).status).toBe(405);
  });
});

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../src/experiment/schema.ts';
import type { ActivityContext } from '../src/runner/run-activity.ts';
import { runSteps } from '../src/runner/run-steps.ts';
import { TargetError } from '../src/targets/target.ts';
import { pending, plan, settle, undoAll } from '../src/undo/undo-journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'valerix-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that is no longer the one that was paused. */
const REPLACED = { do: 'resume', name: 'order-service', pid: process.pid, identity: 'another' } as const;
/** Faults of a system that does not answer. */
const AWAY = { do: 'disarm', urls: ['http://127.0.0.1:1'], keep: [] } as const;
const steps = () => pending(folder).map(({ step }) => step);

describe('what a run has written down', () => {
  it('is undone from the last step to the first, each whatever becomes of the others; what failed is tried again', async () => {
    plan(folder, 'first', REPLACED);
    plan(folder, 'second', { ...AWAY, urls: [...AWAY.urls], keep: [] });
    plan(folder, 'third', REPLACED);
    expect((await undoAll(folder, {})).map(({ step, failed }) => [step, failed])).toEqual([
      ['third', false],
      ['second', true],
      ['first', false],
    ]);
    expect(steps()).toEqual(['second']);
  });

  it('is not undone again, and a torn line hides no other', async () => {
    settle(folder, plan(folder, 'first', REPLACED));
    plan(folder, 'second', REPLACED);
    appendFileSync(join(folder, 'undo.jsonl'), '{"type":"planned","id":"x"');
    expect(steps()).toEqual(['second']);
  });

  it('is over for faults that have ended by themselves', async () => {
    plan(folder, 'arm', { ...AWAY, urls: [...AWAY.urls], keep: [] });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_601_000);
    try {
      expect(await undoAll(folder, {})).toEqual([]);
    } finally {
      vi.restoreAllMocks();
    }
    expect(steps()).toEqual([]);
  });
});

describe('the steps of a run', () => {
  const step = (...words: string[]): Step => ({
    type: 'action',
    name: words.join(' '),
    provider: { type: 'process', path: 'valerix-target', arguments: words },
  });
  const document = { title: '', description: '', method: [], rollbacks: [], configuration: {} } as never;

  async function run(context: Omit<ActivityContext, 'configuration'>, ...all: Step[]) {
    const done: string[] = [];
    await runSteps(all, document, { configuration: {}, ...context }, ({ activity, status }) =>
      done.push(`${activity.name}: ${status}`),
    );
    return done;
  }

  it('go on after one that fails', async () => {
    const act = vi.fn(async ([verb]: readonly string[]) => {
      if (verb === 'start') throw new TargetError('not today');
      return { detail: '' };
    });
    const rollbacks = [step('start', 'redis'), step('resume', 'order-service')];
    expect(await run({ target: { act } }, ...rollbacks)).toEqual([
      'start redis: failed',
      'resume order-service: succeeded',
    ]);
  });

  it('do not act when what undoes them could not be written down', async () => {
    const act = vi.fn();
    const beforeAct = async () => void plan(join(folder, 'missing'), 'pause', REPLACED);
    expect(await run({ target: { act }, beforeAct }, step('pause', 'redis'))).toEqual(['pause redis: failed']);
    expect(act).not.toHaveBeenCalled();
  });
});

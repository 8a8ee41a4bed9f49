import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { perService } from '@valerix/system';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { loadExperiment } from '../src/experiment/load-experiment.ts';
import { runExperiment } from '../src/runner/run-experiment.ts';
import { needsOf, replicasNamed, targetSteps } from '../src/targets/abilities.ts';
import type { Target } from '../src/targets/target.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-obstacles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stepsOf = (name: string) => targetSteps(loadExperiment(name).document);
const nowhere = { urls: ['http://127.0.0.1:9'], databaseUrl: 'postgres://127.0.0.1:9/none' };

it('a run that its target cannot carry out breaks nothing, and is INCONCLUSIVE by what is missing', async () => {
  const acted: string[] = [];
  const target: Target = {
    description: 'the namespace shop',
    services: perService(() => nowhere),
    operatorToken: 'token',
    variables: {},
    fresh: false,
    obstacles: async (steps) => [`Chaos Mesh is not installed: ${steps.length} steps need it.`],
    act: async (command) => {
      acted.push(command.join(' '));
      return { detail: '' };
    },
    undoOf: async () => undefined,
    undoOfFault: async () => undefined,
    heal: async () => void acted.push('heal'),
    close: async () => {},
  };
  const experiment = loadExperiment('slow-network');
  const signal = new AbortController().signal;
  const { verdict, reasons } = await runExperiment({
    experiment,
    target,
    seed: 1,
    durationS: 600,
    rate: 10,
    folder,
    signal,
  });
  expect([verdict, reasons[0], acted]).toEqual([
    'INCONCLUSIVE',
    'The run was cut short: the namespace shop cannot run it: Chaos Mesh is not installed: 6 steps need it.',
    [],
  ]);
});

describe('what an experiment needs of its target', () => {
  it('follows from its steps', () => {
    expect(needsOf(stepsOf('slow-network'), 'kubernetes')).toEqual(['Chaos Mesh']);
    expect(needsOf(stepsOf('gremlin-latency'), 'kubernetes')).toEqual(['the component "chaos"']);
    expect(needsOf(stepsOf('redis-wiped'), 'kubernetes')).toEqual([]);
    expect([...replicasNamed(stepsOf('rolling-restart'))]).toEqual([
      ['inventory-service', 2],
      ['order-service', 2],
    ]);
    expect(needsOf(stepsOf('slow-network'), 'local')).toEqual([]);
    expect(needsOf(stepsOf('slow-network'), 'attach')).toEqual(['a fresh stack']);
  });

  it('makes validate refuse it for a target that can never have it', async () => {
    expect(await main(['validate', 'slow-network', '--attach'])).toBe(3);
    expect(await main(['validate', 'slow-network', '--target', 'kubernetes'])).toBe(0);
    expect(await main(['validate', 'order-service-killed', '--attach'])).toBe(0);
  });
});

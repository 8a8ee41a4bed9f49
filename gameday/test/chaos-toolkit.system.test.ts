import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadExperiment } from '../src/experiment/load-experiment.ts';
import { runActivity } from '../src/runner/run-activity.ts';
import { runExperiment } from '../src/runner/run-experiment.ts';
import { startLocalTarget } from '../src/targets/local-target.ts';

const experiments = join(import.meta.dirname, 'chaos-toolkit');
const folder = mkdtempSync(join(tmpdir(), 'valerix-chaos-toolkit-'));
let target: Awaited<ReturnType<typeof startLocalTarget>>;
beforeAll(async () => {
  target = await startLocalTarget({ replicas: {}, seed: 1, onNotice: () => {} });
});
afterAll(async () => {
  await target?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an experiment in the style of public ones, without our extension', () => {
  it.each(readdirSync(experiments))('%s runs to its verdict', async (file) => {
    const experiment = loadExperiment(join(experiments, file));
    const result = await runExperiment({
      experiment,
      target: { ...target, fresh: false },
      seed: file.length,
      durationS: 1,
      rate: 20,
      folder: join(folder, file),
      signal: new AbortController().signal,
    });
    const wrong = file.startsWith('a-wrong-hypothesis');
    // Nothing is broken when the system does not meet the hypothesis.
    expect(result.before.steady_state_met, JSON.stringify(result.before)).toBe(!wrong);
    expect(result.method).toHaveLength(wrong ? 0 : experiment.document.method.length);
    expect(result.reasons.join('\n'), result.verdict).toMatch(wrong ? /steady state/ : /Every invariant holds/);
    expect(result.verdict).toBe(wrong ? 'INCONCLUSIVE' : 'PASS');
  });
});

describe('an activity in Python', () => {
  const path = process.env.PATH ?? '';
  const written = join(folder, 'python.json');
  const provider = { type: 'python', module: 'os.path', func: 'exists', arguments: { path: '/tmp' } };
  writeFileSync(
    written,
    JSON.stringify({
      title: 'T',
      description: 'D',
      method: [{ type: 'probe', name: 'exists', provider, tolerance: true }],
    }),
  );
  afterEach(() => {
    process.env.PATH = path;
  });

  /** A program `chaos` that answers each activity as Python's os.path.exists does: the Chaos Toolkit is in no registry of ours. */
  function installStandIn() {
    const bin = mkdtempSync(join(folder, 'bin-'));
    const program = join(bin, 'chaos');
    writeFileSync(
      program,
      `#!/usr/bin/env python3
import importlib, json, sys
if '--version' in sys.argv: sys.exit(print('chaos, a stand-in'))
experiment = json.load(open(sys.argv[-1]))
provider = experiment['method'][0]['provider']
run = {'activity': experiment['method'][0], 'status': 'succeeded', 'output': None}
try:
    module = importlib.import_module(provider['module'])
    run['output'] = getattr(module, provider['func'])(**provider['arguments'])
except Exception as error:
    run.update(status='failed', exception=['Traceback', str(error)])
json.dump({'run': [run]}, open(sys.argv[sys.argv.index('--journal-path') + 1], 'w'))
`,
    );
    chmodSync(program, 0o755);
    process.env.PATH = `${bin}${delimiter}${path}`;
  }

  it('is refused by its path where the Chaos Toolkit is not installed', () => {
    expect(() => loadExperiment(written)).toThrow(/method\.0\.provider: "python" needs the Chaos Toolkit/);
  });

  it('is run by the Chaos Toolkit where it is installed, and judged here', async () => {
    installStandIn();
    const [probe] = loadExperiment(written).document.method;
    const context = { target, configuration: {}, python: { secrets: {}, env: process.env } };
    expect(await runActivity(probe as never, context)).toMatchObject({ output: true, tolerance_met: true });
    const missing = { ...probe, provider: { ...provider, arguments: { path: '/no/such/thing' } } };
    expect(await runActivity(missing as never, context)).toMatchObject({ output: false, tolerance_met: false });
    const broken = { ...probe, provider: { ...provider, func: 'nothing' } };
    expect(await runActivity(broken as never, context)).toMatchObject({
      status: 'failed',
      exception: expect.stringContaining('nothing'),
    });
  });

  it('ends when the run is stopped', async () => {
    installStandIn();
    const stop = new AbortController();
    const waiting = {
      type: 'action',
      name: 'wait',
      provider: { type: 'python', module: 'signal', func: 'pause', arguments: {} },
    };
    const python = { secrets: {}, env: process.env };
    const run = runActivity(waiting as never, { target, configuration: {}, python, signal: stop.signal });
    setTimeout(() => stop.abort(), 500);
    expect(await run).toMatchObject({ status: 'failed', exception: expect.stringContaining('no journal') });
  });
});

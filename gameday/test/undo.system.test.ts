import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@valerix/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chaosClient } from '../../test/support/chaos-client.ts';
import { eventually } from '../../test/support/eventually.ts';
import { makeWhole } from '../../test/support/make-whole.ts';
import { pidsNaming, RunningCommand } from '../../test/support/running-command.ts';
import { FakeApiServer } from './support/fake-api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-undo-'));
const cli = join(import.meta.dirname, '../src/cli.ts');
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const command = (...arguments_: string[]) => ({
  ...{ type: 'action', name: arguments_.join(' '), pauses: { after: 600 } },
  provider: { type: 'process', path: 'valerix-target', arguments: arguments_ },
});

/** An experiment without rollbacks whose last step is never over. */
function experiment(name: string, ...method: object[]): string {
  const workload = { rate: 2 };
  const extension = { name: 'valerix', duration_s: 1, drain_s: 5, workload, evidence: [{ kind: 'orders-placed' }] };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ title: name, description: name, method, extensions: [extension] }));
  return file;
}

const withHome = (home: string) => ({ ...process.env, VALERIX_HOME: home });
const attach = (file: string) => new RunningCommand(cli, ['run', file, '--attach', '--yes'], withHome(stack.home));

/** `gameday undo`, to its end. */
async function undo(env: NodeJS.ProcessEnv = withHome(stack.home)) {
  const running = new RunningCommand(cli, ['undo'], env);
  return { code: await running.exit, output: running.output };
}

/** Kills the runner once what it does is seen. */
async function killOnce(run: RunningCommand, seen: () => unknown): Promise<void> {
  try {
    await eventually(seen, 60_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${run.output}`);
    });
  } finally {
    run.signal('SIGKILL');
    await run.exit;
  }
}

const pidOf = (name: string) => stack.process(name).pid as number;
const standsStill = (name: string) => /^State:\tT/m.test(readFileSync(`/proc/${pidOf(name)}/status`, 'utf8'));
const chaos = () => chaosClient(stack, stack.services.order.urls[0] as string);

describe('kill -9 of the runner of a running stack', () => {
  beforeEach(() => makeWhole(stack));

  const pauseIt = (name: string) => attach(experiment(name, command('pause', 'inventory-service')));
  const isPaused = () => expect(standsStill('inventory-service')).toBe(true);
  const goesOn = () => eventually(() => expect(standsStill('inventory-service')).toBe(false));

  it('while a process is paused: undo lets it go on, and there is nothing left to undo', async () => {
    await killOnce(pauseIt('pause-1'), isPaused);
    const { code, output } = await undo();
    expect(output).toMatch(/"pause inventory-service" is undone: inventory-service resumed/);
    expect(code).toBe(0);
    await goesOn();
    expect((await undo()).output).toBe('There is nothing to undo.\n');
  });

  it('while a process is paused: the next run lets it go on before it starts', async () => {
    await killOnce(pauseIt('pause-2'), isPaused);
    const next = attach(experiment('next', { ...command('kill', 'redis'), pauses: { before: 600 } }));
    await killOnce(next, () => expect(next.output).toContain('"pause inventory-service" is undone'));
    await goesOn();
  });

  it('while a process is paused: the laboratory lets it go on when it starts', async () => {
    await killOnce(pauseIt('pause-3'), isPaused);
    const env = { ...withHome(stack.home), PORT: '0', OPERATOR_TOKEN: stack.operatorToken };
    const laboratory = new RunningCommand(join(import.meta.dirname, '../src/main.ts'), [], env);
    try {
      await goesOn();
    } finally {
      laboratory.signal('SIGTERM');
      await laboratory.exit;
    }
  });

  it('after a process was killed: the supervisor has restarted it, and nothing is left', async () => {
    const before = pidOf('inventory-service');
    const run = attach(experiment('kill', command('kill', 'inventory-service')));
    await killOnce(run, () => expect(stack.process('inventory-service').pid).not.toBe(before));
    expect((await undo()).code).toBe(0);
    await stack.process('inventory-service').untilReady();
  });

  it('while a fault is armed: undo disarms it, and leaves the faults of others alone', async () => {
    const mine = {
      service: 'order-service',
      point: 'inbound',
      type: 'error',
      percentage: 0,
      ttl_seconds: 600,
    } as const;
    const other = await chaos().arm(mine);
    const provider = {
      type: 'http',
      method: 'POST',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
      url: '${inventory_url}/api/admin/chaos/faults',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
      headers: { Authorization: 'Bearer ${operator_token}', 'Content-Type': 'application/json' },
      expected_status: 201,
      arguments: mine,
    };
    const arm = { type: 'action', name: 'arm', provider, pauses: { after: 600 } };
    const ids = async () => (await chaos().state()).faults.map(({ id }) => id);
    await killOnce(attach(experiment('fault', arm)), async () => expect(await ids()).toHaveLength(2));
    expect((await undo()).output).toMatch(/"arm" is undone: disarmed /);
    expect(await ids()).toEqual([other.id]);
    await chaos().clear();
  });

  it('while a deployment is scaled to zero: undo scales it back', async () => {
    const api = await FakeApiServer.listen();
    api.scale('inventory-service', 1);
    const home = join(folder, 'kubernetes');
    mkdirSync(home);
    const env = { ...withHome(home), ...stack.env, KUBECONFIG: api.kubeconfig(folder, { token: 'secret' }) };
    try {
      const file = experiment('scale', command('stop', 'inventory-service'));
      const run = new RunningCommand(cli, ['run', file, '--target', 'kubernetes'], env);
      await killOnce(run, () => expect(api.replicas).toBe(0));
      expect((await undo(env)).output).toContain('inventory-service has 1 replicas again');
      expect(api.replicas).toBe(1);
    } finally {
      api.server.closeAllConnections();
      api.server.close();
    }
  });
});

it('kill -9 of the runner of a fresh stack, with a process down and the network cut: undo deletes the stack', async () => {
  const place = mkdtempSync(join(tmpdir(), 'vu-'));
  const env = { ...withHome(join(place, 'home')), TMPDIR: place };
  try {
    const steps = [{ ...command('stop', 'inventory-service'), pauses: {} }, command('network', 'cut')];
    const run = new RunningCommand(cli, ['run', experiment('fresh', ...steps)], env);
    const runs = join(place, 'home/gameday');
    const progress = () => readFileSync(join(runs, readdirSync(runs)[0] as string, 'progress.jsonl'), 'utf8');
    await killOnce(run, () => expect(progress()).toContain('"network cut"'));
    expect(pidsNaming(place)).not.toEqual([]);
    const { code, output } = await undo(env);
    expect(output).toContain('"the stack of the run" is undone: its stack is deleted');
    expect(code).toBe(0);
    expect(pidsNaming(place)).toEqual([]);
    expect(readdirSync(place).filter((name) => name.startsWith('valerix-home-'))).toEqual([]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

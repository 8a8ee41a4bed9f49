import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChaosState } from '@valerix/contracts';
import { newFault } from '@valerix/service-kit/chaos/new-fault';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  defenceExperimentsFolder,
  type Experiment,
  experimentNames,
  loadExperiment,
} from '../src/experiment/load-experiment.ts';
import { resolveStep } from '../src/experiment/resolve-step.ts';
import type { Activity } from '../src/experiment/schema.ts';
import { beginRun } from '../src/runner/run.ts';
import { runActivity } from '../src/runner/run-activity.ts';
import { createKubeClient, kubeConfig } from '../src/targets/kube-client.ts';
import { kubernetesTarget } from '../src/targets/kubernetes-target.ts';
import { pending, undoAll } from '../src/undo/undo-journal.ts';
import { FakeApiServer } from './support/fake-api-server.ts';

/** A service that knows the API of chaos. */
let chaos: Server;
let faults: ChaosState['faults'];
let url: string;
let api: FakeApiServer;
const apis: FakeApiServer[] = [];
let folder: string;

beforeAll(async () => {
  chaos = createServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const path = (req.url ?? '').replace('/api/admin/chaos', '');
    const body = text === '' ? {} : JSON.parse(text);
    if (req.method === 'POST') arm(path === '/faults' ? body : SIMPLE);
    if (req.method === 'DELETE') faults = faults.filter(({ id }) => path !== '' && path !== `/faults/${id}`);
    res.writeHead(req.method === 'POST' && path === '/faults' ? 201 : 200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ ...STATE, faults, fault: faults.at(-1) }));
  });
  await new Promise<void>((resolve) => chaos.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(chaos.address() as AddressInfo).port}`;
});
afterAll(() => void chaos.close());
beforeEach(async () => {
  faults = [];
  api = await FakeApiServer.listen();
  apis.push(api);
  api.chaos = new Map();
  api.scalers = new Map([['inventory-service', false]]);
  folder = mkdtempSync(join(tmpdir(), 'valerix-each-step-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
// Not earlier: a killed runner waits for its answer, and must not ask again.
afterAll(() => {
  for (const { server } of apis) {
    server.closeAllConnections();
    server.close();
  }
});

const SIMPLE = { service: 'inventory-service', point: 'inbound', type: 'latency' } as const;
const STATE: Omit<ChaosState, 'faults'> = {
  chaos: { latency: false, latency_ms: 0, crash_rate: 0, kill_rate: 0, partial_failure_rate: 0 },
  halt: { halted: false, by: null, reason: null, at: null },
  replicas: [],
};

function arm({ ttl_seconds: _, ...draft }: { ttl_seconds?: number }): void {
  const full = { match: {}, percentage: 100, params: {}, created_by: 'test', reason: 'test', ...SIMPLE, ...draft };
  faults.push({ ...newFault(full as never, 600), matched: 0, fired: 0, remaining_ms: 600_000, confirmed_by: [] });
}

const environment = (token: string) => ({
  KUBECONFIG: api.kubeconfig(folder, { token }),
  ORDER_URL: url,
  INVENTORY_URL: url,
  IDENTITY_URL: url,
  PAYMENT_URL: url,
  PROVIDER_URL: url,
  ORDER_DATABASE_URL: 'postgres://o',
  INVENTORY_DATABASE_URL: 'postgres://i',
  IDENTITY_DATABASE_URL: 'postgres://u',
  OPERATOR_TOKEN: 'token',
});

/** All that a step can change. */
const world = () => ({
  replicas: Object.keys(api.workloads).map((name) => [name, api.replicasOf(name)]),
  scalers: [...(api.scalers ?? [])],
  chaos: [...(api.chaos?.keys() ?? [])],
  faults: faults.map(({ id }) => id),
});

let runners = 0;

/** A run of the experiment in the cluster, as far as its steps concern it. `token` is its own. */
function runOf(experiment: Experiment) {
  const token = `runner-${++runners}`;
  const env = environment(token);
  const target = kubernetesTarget({ client: createKubeClient(kubeConfig(env)), namespace: 'shop', env, pollMs: 1 });
  const { signal } = new AbortController();
  return { token, ...beginRun({ experiment, target, seed: 1, rate: 1, durationS: 1, folder, signal, env }) };
}

const withoutPauses = ({ pauses: _, ...activity }: Activity): Activity => activity as Activity;

/** Does steps as a runner that then is gone: what it has written down is all that is left. */
async function doSteps(experiment: Experiment, steps: readonly Activity[]) {
  const run = runOf(experiment);
  for (const step of steps) await runActivity(step, run.context);
  return run;
}

/** Does the steps before; then the runner is killed within this one, after so many answers of the API server. @returns whether it was */
async function dieWithin({ experiment, before, step }: (typeof cases)[number], answers: number): Promise<boolean> {
  const { token, context } = await doSteps(experiment, before);
  const { beforeAct } = context;
  const killed = new Promise<boolean>((resolve) => {
    context.beforeAct = async (...args) => {
      await beforeAct?.(...args);
      void api.kill(token, answers).then(() => resolve(true));
      // A request to a service is all that its step does.
      if (args[1].type === 'http') throw new Error('killed');
    };
  });
  return Promise.race([killed, runActivity(step, context).then(() => false)]);
}

const experiments = [
  ...experimentNames().map((name) => loadExperiment(name)),
  ...experimentNames(defenceExperimentsFolder).map((name) => loadExperiment(name, defenceExperimentsFolder)),
];
const cases = experiments.flatMap((experiment) => {
  const method = experiment.document.method.map((step) => withoutPauses(resolveStep(step, experiment.document)));
  return method.map((step, index) => ({
    name: `${experiment.name}, step ${index + 1}: ${step.name}`,
    experiment,
    before: method.slice(0, index),
    step,
  }));
});
const commandOf = ({ provider }: Activity) => JSON.stringify(provider.type === 'process' && provider.arguments);
/** Each command once, where the fewest steps come before it. */
const ofTarget = cases
  .filter(({ step }) => step.provider.type === 'process')
  .sort((one, other) => other.before.length - one.before.length);
const commands = [...new Map(ofTarget.map((one) => [commandOf(one.step), one])).values()];

describe('kill -9 of the runner in a cluster', () => {
  it.each(cases)('before or after $name: after undo all is as before', async (one) => {
    const original = world();
    if (one.step.provider.type === 'http') await dieWithin(one, 0);
    await undone(original);
    await doSteps(one.experiment, [...one.before, one.step]);
    await undone(original);
  });

  it.each(commands)('within $step.name: after undo all is as before, whatever the step had done', async (one) => {
    const original = world();
    let changed = 0;
    for (let answers = 0, killed = true; killed; answers++) {
      killed = await dieWithin(one, answers);
      if (JSON.stringify(world()) !== JSON.stringify(original)) changed++;
      await undone(original);
    }
    // Without this the test would prove nothing about the steps that break something.
    if (/^\["(stop|pause|network","(?!heal))/.test(commandOf(one.step))) expect(changed).toBeGreaterThan(0);
  });
});

async function undone(original: ReturnType<typeof world>): Promise<void> {
  expect((await undoAll(folder, environment('undo'))).filter(({ failed }) => failed)).toEqual([]);
  expect(world()).toEqual(original);
  expect(pending(folder)).toEqual([]);
}

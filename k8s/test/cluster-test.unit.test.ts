import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from './cluster/cluster.ts';
import { type Row, runSteps } from './cluster/run-steps.ts';
import { openShop } from './cluster/shop.ts';
import { STEPS } from './cluster/steps.ts';
import { StubCluster } from './cluster/stub-cluster.ts';
import { render, type Target, targets } from './render.ts';

const everything = targets.find(({ folder: name }) => name === 'overlays/kind-whole') as Target;
const folder = mkdtempSync(join(tmpdir(), 'valerix-cluster-test-'));

let stub: StubCluster;
beforeEach(async () => {
  stub = await StubCluster.start(render(everything));
}, 60_000);
afterEach(() => stub.stop());
afterAll(() => rmSync(folder, { recursive: true }));

async function run(patienceMs: number): Promise<Map<string, Row>> {
  const cluster = connect({ KUBECONFIG: stub.kubeconfig(folder) }, patienceMs);
  const bench = { cluster, shop: openShop(stub.url, 'operator token'), manifests: render(everything), patienceMs };
  return new Map((await runSteps(bench, true)).map((row) => [row.step, row]));
}

it('make cluster-test carries out every step, and says that there was no cluster', async () => {
  const rows = await run(5_000);
  const results = Object.fromEntries(
    [...rows].map(([step, { result, seen }]) => [step, result === 'ok (stub)' ? 'ok' : seen]),
  );
  expect(results).toEqual(Object.fromEntries(Object.keys(STEPS).map((step) => [step, 'ok'])));
}, 60_000);

it('make cluster-test fails for what a cluster does wrong, and runs the other steps', async () => {
  Object.assign(stub, { changesAtEachApply: true, failsJobs: true, ignoresCrashes: true });
  const rows = await run(400);
  const failed = [...rows.values()].filter(({ result }) => result === 'FAILED (stub)');
  expect(failed.map(({ step }) => step)).toEqual(['crash fault', 'backup', 'restore', 'game day', 'second apply']);
  expect(rows.get('second apply')?.seen).toContain('Deployment/order-service');
}, 60_000);

it('make cluster-test fails when a rollout costs one request', async () => {
  stub.refusesOrders = true;
  const row = await STEPS['rollout of each under 30/s']?.({
    cluster: connect({ KUBECONFIG: stub.kubeconfig(folder) }, 400),
    shop: openShop(stub.url, 'operator token'),
    manifests: render(everything),
    patienceMs: 400,
  }).catch((error: Error) => error.message);
  expect(row).toMatch(/of \d+ orders failed/);
}, 60_000);

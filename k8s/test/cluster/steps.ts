import { armFaultBody } from '@valerix/contracts';
import { SERVICE_NAMES } from '@valerix/system';
import { createPods } from '../../../gameday/src/targets/kube-pods.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { idOf, type Manifest, ofKind } from '../manifests.ts';
import { type Cluster, imagesOf, NAMESPACE } from './cluster.ts';
import type { Load, Shop } from './shop.ts';

export interface Bench {
  cluster: Cluster;
  shop: Shop;
  manifests: readonly Manifest[];
  /** How long to wait for the cluster, milliseconds. */
  patienceMs: number;
}
/** A step, and what it has seen, in words. @throws Skipped, or an Error that says what was wrong */
type Step = (bench: Bench) => Promise<string>;

/** The installation has no such part. */
export class Skipped extends Error {
  override name = 'Skipped';
}

const RATE = 30;
const APPS = [...SERVICE_NAMES, 'frontend'];
const deployments = ({ manifests }: Bench) => ofKind(manifests, 'Deployment');
const served = ({ manifests }: Bench) => ofKind(manifests, 'Deployment', 'StatefulSet');
const deployment = ({ manifests }: Bench, name: string) =>
  manifests.find((one) => idOf(one) === `Deployment/${name}`) as Manifest;

function part({ manifests }: Bench, kind: string, name: string, component: string): Manifest {
  const found = manifests.find((one) => idOf(one) === `${kind}/${name}`);
  if (!found) throw new Skipped(`the overlay has no component ${component}`);
  return found;
}

/** @throws Error naming the first failures */
async function endLoad(load: Load): Promise<string> {
  const { orders, failures } = await load.stop();
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${orders} orders failed: ${failures.slice(0, 3).join('; ')}`);
  return `${orders} orders, none failed`;
}

async function underLoad(bench: Bench, patient: boolean, work: () => Promise<void>): Promise<string> {
  const load = bench.shop.startLoad(RATE, patient);
  try {
    await work();
  } finally {
    await load.stop();
  }
  return endLoad(load);
}

async function untilWell({ shop, patienceMs }: Bench): Promise<string> {
  await eventually(async () => {
    const verdict = await shop.verdict();
    if (verdict !== 'ok') throw new Error(`the audit says ${verdict}`);
  }, patienceMs);
  return 'the audit says ok';
}

/** The steps in their order; later ones need the earlier. */
export const STEPS: Readonly<Record<string, Step>> = {
  async apply(bench) {
    await bench.cluster.applyAll(bench.manifests);
    await Promise.all(served(bench).map(bench.cluster.untilReady));
    return `${bench.manifests.length} objects, ${served(bench).length} workloads ready; ${imagesOf(bench.manifests).join(', ')}`;
  },

  async order(bench) {
    // Enough for all steps: a refusal would look like a failure.
    await bench.shop.restock(1_000_000);
    await bench.shop.placePatiently();
    return `accepted; ${await untilWell(bench)}`;
  },

  async 'rollout of each under 30/s'(bench) {
    const restartedAt = new Date().toISOString();
    const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt };
    return underLoad(bench, false, async () => {
      for (const name of APPS) {
        await bench.cluster.change(deployment(bench, name), { spec: { template: { metadata: { annotations } } } });
        await bench.cluster.untilReady(deployment(bench, name));
      }
    });
  },

  async 'kill of each pod under load'(bench) {
    const pods = createPods(bench.cluster.client, NAMESPACE, 500);
    const seen = await underLoad(bench, true, async () => {
      for (const app of APPS) {
        const all = await pods.staying(app);
        for (const pod of all) {
          await pods.remove(app, [pod], 0);
          await pods.untilReady(app, all.length, new Set([pod.metadata?.uid ?? '']));
        }
      }
    });
    return `${seen}; ${await untilWell(bench)}`;
  },

  async 'crash fault'(bench) {
    const started = async () => {
      const { replicas } = await bench.shop.operate('GET', '/api/admin/chaos');
      const own = (replicas as { service: string; started_at?: string }[]).filter(
        ({ service }) => service === SERVICE_NAMES.at(-1),
      );
      return own.map(({ started_at = '' }) => started_at).sort();
    };
    const before = await started();
    const fault = armFaultBody.parse({
      ...{ service: SERVICE_NAMES.at(-1), point: 'inbound', type: 'crash', max_hits: 1, ttl_seconds: 60 },
      params: { min_interval_ms: 0 },
    });
    await bench.shop.operate('POST', '/api/admin/chaos/faults', fault);
    const seen = await underLoad(bench, true, () =>
      eventually(async () => {
        const after = (await started()).at(-1) ?? '';
        if (after <= (before.at(-1) ?? '')) throw new Error(`no process has started since ${before.at(-1)}`);
      }, bench.patienceMs),
    );
    return `a process has started again; ${seen}`;
  },

  async drain(bench) {
    const { items: nodes } = await bench.cluster.client.pods.listNode();
    const pods = createPods(bench.cluster.client, NAMESPACE, 500);
    const [database] = await pods.staying('postgres');
    const workers = nodes.filter(
      ({ spec, metadata }) => !spec?.taints?.length && metadata?.name !== database?.spec?.nodeName,
    );
    const node = workers[0]?.metadata?.name;
    if (!node) throw new Skipped('no node beside that of PostgreSQL');
    try {
      return `${node}: ${await underLoad(bench, true, () => bench.cluster.drain(node))}`;
    } finally {
      await bench.cluster.undrain(node);
      await Promise.all(deployments(bench).map(bench.cluster.untilReady));
    }
  },

  async backup(bench) {
    await bench.cluster.runNow(part(bench, 'CronJob', 'backup', 'backup'));
    return 'the job has succeeded';
  },

  async restore(bench) {
    const job = part(bench, 'CronJob', 'restore', 'backup');
    const scaled = APPS.map((name) => deployment(bench, name));
    for (const one of scaled) await bench.cluster.change(one, { spec: { replicas: 0 } });
    await Promise.all(scaled.map(bench.cluster.untilReady));
    try {
      await bench.cluster.runNow(job);
    } finally {
      // Later steps need the services, also after a restore that failed.
      for (const one of scaled) await bench.cluster.change(one, { spec: { replicas: 2 } });
      await Promise.all(scaled.map(bench.cluster.untilReady));
    }
    await bench.shop.placePatiently();
    return `the job has succeeded, an order was accepted; ${await untilWell(bench)}`;
  },

  async 'game day'(bench) {
    await bench.cluster.runNow(part(bench, 'CronJob', 'gameday', 'laboratory'));
    return 'PASS';
  },

  async 'second apply'({ cluster, manifests }) {
    const generations = () =>
      Promise.all(manifests.map(async (one) => (await cluster.read(one)).metadata.generation ?? 0));
    // The restore has changed numbers of replicas that the manifests may set.
    await cluster.applyAll(manifests);
    const before = await generations();
    await cluster.applyAll(manifests);
    const after = await generations();
    const changed = manifests.filter((_, index) => after[index] !== before[index]).map(idOf);
    if (changed.length > 0) throw new Error(`changed: ${changed.join(', ')}`);
    return 'no object has changed';
  },

  async delete({ cluster, manifests }) {
    await cluster.deleteAll(manifests);
    return 'the namespace is gone';
  },
};

import { setTimeout as sleep } from 'node:timers/promises';
import {
  createKubeClient,
  type KubernetesObject,
  KubernetesObjectApi,
  kubeConfig,
  PatchStrategy,
} from '../../../gameday/src/targets/kube-client.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { containersOf, idOf, type Manifest, workloads } from '../manifests.ts';

export const NAMESPACE = 'valerix';

/** An object as the API server answers it. */
export interface Live extends Manifest {
  metadata: Manifest['metadata'] & { generation?: number };
  status?: Record<string, unknown>;
}

export type Cluster = ReturnType<typeof connect>;

/** What the test does to a cluster, by the current context of a kubeconfig. */
export function connect(env: Readonly<Record<string, string | undefined>>, patienceMs: number) {
  const config = kubeConfig(env);
  const objects = KubernetesObjectApi.makeApiClient(config);
  const client = createKubeClient(config);
  const at = ({ apiVersion, kind, metadata }: Manifest) => ({
    apiVersion,
    kind,
    metadata: { name: metadata.name, ...(metadata.namespace && { namespace: metadata.namespace }) },
  });
  const read = (one: Manifest) => objects.read(at(one) as never) as unknown as Promise<Live>;
  const isMissing = (one: Manifest) =>
    read(one).then(
      () => false,
      (error: { code?: number }) => {
        if (error.code === 404) return true;
        throw error;
      },
    );
  const until = (look: () => Promise<void>) =>
    eventually(() => look().catch((error) => sleep(patienceMs / 1_000).then(() => Promise.reject(error))), patienceMs);

  /** As `kubectl apply --server-side` does. */
  const apply = (one: Manifest) =>
    objects.patch(one as KubernetesObject, undefined, undefined, 'valerix', true, PatchStrategy.ServerSideApply);

  /** All replicas of a Deployment or StatefulSet are of its latest generation, and ready. */
  const untilReady = (one: Manifest) =>
    until(async () => {
      const { metadata, spec, status = {} } = await read(one);
      const {
        observedGeneration = 0,
        replicas = 0,
        readyReplicas = 0,
        updatedReplicas = 0,
      } = status as Record<string, number>;
      const wanted = Number(spec?.replicas ?? 1);
      const counts = [replicas, readyReplicas, updatedReplicas];
      if (observedGeneration < (metadata.generation ?? 0) || counts.some((count) => count !== wanted)) {
        throw new Error(`${idOf(one)} is not ready: ${counts.join('/')} of ${wanted}`);
      }
    });

  return {
    client,
    apply,
    read,
    untilReady,

    /** Definitions and the namespace first. */
    async applyAll(manifests: readonly Manifest[]): Promise<void> {
      const first = (one: Manifest) => Number(one.kind !== 'Namespace');
      for (const one of manifests.toSorted((a, b) => first(a) - first(b))) await apply(one);
    },

    change: (one: Manifest, change: object) =>
      objects.patch(
        { ...at(one), ...change } as KubernetesObject,
        undefined,
        undefined,
        undefined,
        undefined,
        PatchStrategy.MergePatch,
      ),

    /** Runs a CronJob now, to its end. @throws Error when the job fails */
    async runNow(cronJob: Manifest): Promise<void> {
      const { jobTemplate } = (await read(cronJob)).spec as { jobTemplate: { spec: object } };
      const name = `${cronJob.metadata.name}-${Date.now().toString(36)}`;
      const job = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name, namespace: NAMESPACE },
        spec: jobTemplate.spec,
      };
      await objects.create(job as KubernetesObject);
      await until(async () => {
        const conditions = ((await read(job as Manifest)).status?.conditions ?? []) as {
          type: string;
          status: string;
        }[];
        const has = (type: string) => conditions.some((one) => one.type === type && one.status === 'True');
        if (!has('Complete') && !has('Failed')) throw new Error(`${name} has not ended`);
      });
      const { status } = await read(job as Manifest);
      if (!(status as { succeeded?: number }).succeeded)
        throw new Error(`the job ${name} has failed; kubectl logs job/${name}`);
    },

    /** Empties a node as `kubectl drain` does; daemons stay. */
    async drain(node: string): Promise<void> {
      await client.pods.patchNode({ name: node, body: { spec: { unschedulable: true } } });
      const { items } = await client.pods.listNamespacedPod({
        namespace: NAMESPACE,
        fieldSelector: `spec.nodeName=${node}`,
      });
      for (const { metadata } of items) {
        const body = { metadata: { name: metadata?.name ?? '', namespace: NAMESPACE } };
        // A disruption budget refuses it until the pods that went before are replaced.
        await until(async () => {
          const { name } = body.metadata;
          const evicting = client.pods.createNamespacedPodEviction({ name, namespace: NAMESPACE, body });
          await evicting.then(() => {}, ignoreMissing);
        });
      }
    },

    undrain: (node: string) => client.pods.patchNode({ name: node, body: { spec: { unschedulable: false } } }),

    async deleteAll(manifests: readonly Manifest[]): Promise<void> {
      for (const one of manifests) {
        await objects.delete(at(one) as KubernetesObject).then(() => {}, ignoreMissing);
      }
      const namespace = manifests.find(({ kind }) => kind === 'Namespace') as Manifest;
      await until(async () => {
        if (!(await isMissing(namespace))) throw new Error('the namespace is still there');
      });
    },

    isMissing,
  };
}

/** What is to be deleted may be gone already. */
function ignoreMissing(error: { code?: number }): void {
  if (error.code !== 404) throw error;
}

/** The image that each container of the manifests runs; the table shows which version was tested. */
export const imagesOf = (manifests: readonly Manifest[]): string[] =>
  [...new Set(workloads(manifests).flatMap(({ pod }) => containersOf(pod).map(({ image = '' }) => image)))]
    .filter((image) => image.includes('valerix'))
    .sort();

import { answerOf, ifThere, type KubeClient } from './kube-client.ts';
import { TargetError } from './target.ts';

/** How a workload was scaled before it was stopped: enough to restore it. */
export interface Scale {
  name: string;
  kind: 'Deployment' | 'StatefulSet';
  replicas: number;
  /** The ScaledObjects of KEDA that act on it and were not paused. */
  scalers: string[];
}

interface ScaledObject {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { scaleTargetRef: { name: string } };
}

const PAUSED = 'autoscaling.keda.sh/paused';
const KEDA = { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects' };

/** The workloads of a namespace: how many replicas they have, and changes to it. */
export function createScales({ apps, custom }: KubeClient, namespace: string) {
  async function replicasOf(name: string, kind: Scale['kind']): Promise<number | undefined> {
    const target = { namespace, name };
    const asked =
      kind === 'Deployment' ? apps.readNamespacedDeploymentScale(target) : apps.readNamespacedStatefulSetScale(target);
    const scale = await ifThere(`reading the scale of ${name}`, asked);
    return scale && (scale.spec?.replicas ?? 0);
  }

  /** @throws {TargetError} when there is no such workload */
  async function read(name: string): Promise<Scale> {
    for (const kind of ['Deployment', 'StatefulSet'] as const) {
      const replicas = await replicasOf(name, kind);
      if (replicas !== undefined) return { name, kind, replicas, scalers: await scalersOf(name) };
    }
    throw new TargetError(`The namespace ${namespace} has no Deployment and no StatefulSet "${name}".`);
  }

  /** A HorizontalPodAutoscaler leaves a workload with 0 replicas alone; KEDA scales it up again unless it is paused. */
  async function scalersOf(name: string): Promise<string[]> {
    const found = await ifThere('listing the ScaledObjects', custom.listNamespacedCustomObject({ ...KEDA, namespace }));
    return ((found?.items ?? []) as ScaledObject[])
      .filter(({ metadata, spec }) => spec.scaleTargetRef.name === name && !metadata.annotations?.[PAUSED])
      .map(({ metadata }) => metadata.name);
  }

  async function set({ name, kind }: Pick<Scale, 'name' | 'kind'>, replicas: number): Promise<void> {
    const change = { namespace, name, body: { spec: { replicas } } };
    await answerOf(
      `scaling ${name}`,
      kind === 'Deployment'
        ? apps.patchNamespacedDeploymentScale(change)
        : apps.patchNamespacedStatefulSetScale(change),
    );
  }

  async function pauseScalers(names: readonly string[], paused: boolean): Promise<void> {
    for (const name of names) {
      const body = { metadata: { annotations: { [PAUSED]: paused ? 'true' : null } } };
      await answerOf(
        `pausing the ScaledObject ${name}`,
        custom.patchNamespacedCustomObject({ ...KEDA, namespace, name, body }),
      );
    }
  }

  return {
    read,

    async toZero(scale: Scale): Promise<void> {
      await pauseScalers(scale.scalers, true);
      await set(scale, 0);
    },

    /**
     * Restores the former number of replicas, unless something scaled the workload up meanwhile.
     * @returns the number it had before that
     */
    async restore(scale: Scale): Promise<number> {
      const now = (await replicasOf(scale.name, scale.kind)) ?? 0;
      if (now === 0) await set(scale, scale.replicas);
      await pauseScalers(scale.scalers, false);
      return now;
    },
  };
}

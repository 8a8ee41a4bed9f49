import type { V1Pod } from '@kubernetes/client-node';
import { waitUntil } from '@valerix/local-stack/machine/wait-until';
import { answerOf, type KubeClient } from './kube-client.ts';
import { TargetError } from './target.ts';

/** The longest time for a rollout. */
const READY_MS = 180_000;

/** The pods of a namespace. They carry the label `app.kubernetes.io/name`. */
export function createPods({ pods: api }: KubeClient, namespace: string, pollMs: number) {
  /** The pods of an app, sorted by name. */
  async function all(app: string): Promise<V1Pod[]> {
    const labelSelector = `app.kubernetes.io/name=${app}`;
    const { items } = await answerOf(`listing the pods of ${app}`, api.listNamespacedPod({ namespace, labelSelector }));
    return items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** Those that are not being deleted. */
  const staying = async (app: string): Promise<V1Pod[]> =>
    (await all(app)).filter(({ metadata }) => !metadata?.deletionTimestamp);

  /** @throws {TargetError} when there are not that many */
  async function one(app: string, index: number): Promise<V1Pod> {
    const pod = (await staying(app))[index];
    if (!pod) throw new TargetError(`The namespace ${namespace} has no such pod of "${app}".`);
    return pod;
  }

  /** @param gone the uids of pods that do not count */
  async function untilReady(app: string, count: number, gone: ReadonlySet<string> = new Set()): Promise<void> {
    const enough = async () => {
      const found = await staying(app).catch(() => []);
      return found.filter((pod) => !gone.has(uidOf(pod)) && isReady(pod)).length >= count;
    };
    if (await waitUntil(READY_MS, pollMs, enough)) return;
    throw new TargetError(`${app} does not have ${count} ready pods after ${READY_MS / 1000} s.`);
  }

  return {
    staying,
    one,
    untilReady,

    async untilGone(app: string): Promise<void> {
      if (await waitUntil(READY_MS, pollMs, async () => (await all(app).catch(() => [0])).length === 0)) return;
      throw new TargetError(`${app} still has pods after ${READY_MS / 1000} s.`);
    },

    /** False if the pod still exists after the longest time for a rollout. */
    isGone(app: string, pod: V1Pod): Promise<boolean> {
      const gone = () => all(app).then((found) => found.every((other) => uidOf(other) !== uidOf(pod)));
      return waitUntil(READY_MS, pollMs, () => gone().catch(() => false));
    },

    /** Waits until the process of a pod has died, by what kubelet says: its container is down, or has started again. */
    async untilDied(app: string, before: V1Pod): Promise<void> {
      const died = async () => {
        const pod = (await all(app).catch(() => [before])).find((other) => uidOf(other) === uidOf(before));
        const container = pod && mainContainer(pod);
        return !container?.state?.running || container.restartCount > restartsOf(before);
      };
      if (await waitUntil(READY_MS, pollMs, died)) return;
      throw new TargetError(`The process in ${nameOf(before)} has not died after ${READY_MS / 1000} s.`);
    },

    /** Deletes pods one after another; `gracePeriodSeconds` 0 kills. Waits for the replacement of one before it deletes the next. */
    async remove(app: string, chosen: readonly V1Pod[], gracePeriodSeconds: number): Promise<void> {
      const { length } = await staying(app);
      for (const pod of chosen) {
        const name = nameOf(pod);
        await answerOf(`deleting the pod ${name}`, api.deleteNamespacedPod({ namespace, name, gracePeriodSeconds }));
        if (gracePeriodSeconds > 0) await untilReady(app, length, new Set([uidOf(pod)]));
      }
    },
  };
}

export const nameOf = ({ metadata }: V1Pod): string => metadata?.name ?? '';
export const uidOf = ({ metadata }: V1Pod): string => metadata?.uid ?? '';
/** The statuses are sorted by name, so a sidecar's may come first. */
const mainContainer = ({ spec, status }: V1Pod) =>
  status?.containerStatuses?.find(({ name }) => name === spec?.containers[0]?.name);
const restartsOf = (pod: V1Pod): number => mainContainer(pod)?.restartCount ?? 0;
const isReady = ({ status }: V1Pod): boolean =>
  status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;

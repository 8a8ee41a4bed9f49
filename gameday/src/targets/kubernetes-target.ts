import type { V1Pod } from '@kubernetes/client-node';
import { waitUntil } from '@valerix/local-stack/machine/wait-until';
import { armedFaults } from '../undo/armed-faults.ts';
import { answerOf, type KubeClient } from './kube-client.ts';
import { ADDRESS_VARIABLES, requireVariables, servicesOf } from './stack-env.ts';
import { allMended, allUrls, type Effect, handlerOf, type Target, TargetError } from './target.ts';
import { wipeRedis } from './wipe-redis.ts';

interface KubernetesTargetOptions {
  client: KubeClient;
  namespace: string;
  /** The addresses of services, databases and Redis as seen from here, and the operator's token. */
  env: Readonly<Record<string, string | undefined>>;
  /** How often to check whether pods are ready, milliseconds. */
  pollMs?: number;
}

const NEEDED = [...ADDRESS_VARIABLES, 'OPERATOR_TOKEN'];
/** The longest time for a rollout. */
const READY_MS = 180_000;

/**
 * Valerix in a namespace. Pods are deleted through the API server, and their controllers start new ones; `stop` scales a
 * deployment to zero, `start` back to its former size, or waits until a deployment that was not stopped is ready. Pods carry
 * the label `app.kubernetes.io/name`.
 * @throws {TargetError} when an address is missing
 */
export function kubernetesTarget({ client, namespace, env, pollMs = 1_000 }: KubernetesTargetOptions): Target {
  requireVariables(env, NEEDED);
  const services = servicesOf(env);
  const stopped = new Map<string, number>();

  /** The pods of an app, sorted by name, without those that are being deleted. */
  async function pods(name: string): Promise<V1Pod[]> {
    const labelSelector = `app.kubernetes.io/name=${name}`;
    const { items } = await answerOf(
      `listing the pods of ${name}`,
      client.pods.listNamespacedPod({ namespace, labelSelector }),
    );
    const staying = items.filter(({ metadata }) => !metadata?.deletionTimestamp);
    return staying.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** Deletes the pods one after another; `gracePeriodSeconds` 0 kills. */
  async function remove(app: string, index: number | undefined, gracePeriodSeconds: number): Promise<void> {
    const all = await pods(app);
    const chosen = index === undefined ? all : all.slice(index, index + 1);
    if (chosen.length === 0) throw new TargetError(`The namespace ${namespace} has no such pod of "${app}".`);
    for (const pod of chosen) {
      const name = nameOf(pod);
      await answerOf(
        `deleting the pod ${name}`,
        client.pods.deleteNamespacedPod({ namespace, name, gracePeriodSeconds }),
      );
      if (gracePeriodSeconds > 0) await untilReady(app, all.length, new Set([uidOf(pod)]));
    }
  }

  async function untilReady(name: string, count: number, gone: ReadonlySet<string> = new Set()): Promise<void> {
    const enough = async () => {
      const all = await pods(name).catch(() => []);
      return all.filter((pod) => !gone.has(uidOf(pod)) && isReady(pod)).length >= count;
    };
    if (await waitUntil(READY_MS, pollMs, enough)) return;
    throw new TargetError(`${name} does not have ${count} ready pods after ${READY_MS / 1000} s.`);
  }

  async function replicasOf(name: string): Promise<number> {
    const scale = await answerOf(
      `reading the scale of ${name}`,
      client.deployments.readNamespacedDeploymentScale({ namespace, name }),
    );
    return scale.spec?.replicas ?? 0;
  }

  async function scale(name: string, replicas: number): Promise<void> {
    await answerOf(
      `scaling ${name}`,
      client.deployments.patchNamespacedDeploymentScale({ namespace, name, body: { spec: { replicas } } }),
    );
  }

  async function stop(name: string): Promise<void> {
    if (!stopped.has(name)) stopped.set(name, await replicasOf(name));
    await scale(name, 0);
  }

  async function start(name: string): Promise<void> {
    const replicas = stopped.get(name) ?? (await replicasOf(name));
    if (stopped.has(name)) await scale(name, replicas);
    stopped.delete(name);
    await untilReady(name, replicas);
  }

  /** By verb; `app` and `index` are the parts of `name`. */
  const handlers: Record<string, (name: string, app: string, index: number | undefined) => Promise<Effect>> = {
    async kill(name, app, index = 0) {
      const old = (await pods(app)).map(uidOf);
      await remove(app, index, 0);
      const over = untilReady(app, old.length, new Set(old.slice(index, index + 1)));
      return { detail: `pod ${index + 1} of ${app} was killed`, begins: `kill ${name}`, over };
    },
    async restart(name, app, index) {
      await remove(app, index, 30);
      return { detail: `${name} was restarted`, begins: `restart ${name}`, over: Promise.resolve() };
    },
    async stop(name, app) {
      await stop(app);
      return { detail: `${app} is scaled to zero`, begins: `stop ${name}` };
    },
    async start(name, app) {
      await start(app);
      return { detail: `${app} is up`, ends: `stop ${name}` };
    },
  };

  async function act(command: readonly string[]): Promise<Effect> {
    const [verb = '', name = ''] = command;
    if (verb === 'wipe' && name === 'redis') {
      if (!env.REDIS_URL) throw new TargetError('Set REDIS_URL to wipe Redis.');
      return wipeRedis(env.REDIS_URL);
    }
    if (['pause', 'resume', 'network'].includes(verb)) {
      throw new TargetError(`"${command.join(' ')}" is not possible in Kubernetes; use the fault injector for it.`);
    }
    return handlerOf(handlers, command)(name, ...partsOf(name));
  }

  return {
    description: `the namespace ${namespace}`,
    services,
    operatorToken: env.OPERATOR_TOKEN as string,
    variables: env,
    fresh: false,
    act,
    async undoOf([verb = '', name = '']) {
      // Controllers replace deleted pods.
      if (verb !== 'stop') return undefined;
      const [app] = partsOf(name);
      return { do: 'scale', namespace, name: app, replicas: stopped.get(app) ?? (await replicasOf(app)) };
    },
    async undoOfFault() {
      const urls = allUrls(services);
      return { do: 'disarm', urls, keep: await armedFaults(urls, env.OPERATOR_TOKEN as string) };
    },
    heal: () => allMended([...stopped.keys()].map(start)),
    close: async () => {},
  };
}

/** The app and the index of a pod: `order-service-2` is the second pod of order-service. */
function partsOf(name: string): [app: string, index: number | undefined] {
  const [, app = name, number] = /^(.*?)(?:-(\d+))?$/.exec(name) ?? [];
  return [app, number === undefined ? undefined : Number(number) - 1];
}

const nameOf = ({ metadata }: V1Pod): string => metadata?.name ?? '';
const uidOf = ({ metadata }: V1Pod): string => metadata?.uid ?? '';
const isReady = ({ status }: V1Pod): boolean =>
  status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;

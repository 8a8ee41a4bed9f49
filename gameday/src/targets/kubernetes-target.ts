import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { armedFaults } from '../undo/armed-faults.ts';
import { armsFaults, impossible, needsChaosMesh, partsOf, replicasNamed, type TargetStep } from './abilities.ts';
import {
  type ChaosName,
  crashChaos,
  crashName,
  createChaosMesh,
  networkChaos,
  networkNames,
  pauseChaos,
  pauseName,
  withoutChaosMesh,
} from './chaos-mesh.ts';
import type { KubeClient } from './kube-client.ts';
import { createPods, nameOf, uidOf } from './kube-pods.ts';
import { holdsOneProcess } from './one-process.ts';
import { createScales, type Scale } from './scales.ts';
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

/**
 * Valerix in a namespace. Pods are deleted through the API server, and their controllers start new ones. `stop` scales a
 * Deployment or StatefulSet to zero and pauses KEDA for it; `start` restores its former size, or waits until a workload that
 * was not stopped is ready. Chaos Mesh kills processes, pauses pods and breaks the network, where it is installed.
 * @throws {TargetError} when an address is missing
 */
export function kubernetesTarget({ client, namespace, env, pollMs = 1_000 }: KubernetesTargetOptions): Target {
  requireVariables(env, NEEDED);
  const services = servicesOf(env);
  const token = env.OPERATOR_TOKEN as string;
  const pods = createPods(client, namespace, pollMs);
  const scales = createScales(client, namespace);
  const mesh = createChaosMesh(client, namespace, pollMs);
  const stopped = new Map<string, Scale>();
  const injected = new Map<string, ChaosName>();

  async function stop(app: string): Promise<void> {
    const scale = stopped.get(app) ?? (await scales.read(app));
    stopped.set(app, scale);
    await scales.toZero(scale);
    await pods.untilGone(app);
  }

  /** @throws {TargetError} when something has started it before: the experiment then did not see it down */
  async function start(app: string): Promise<void> {
    const scale = stopped.get(app);
    const before = scale && (await scales.restore(scale));
    stopped.delete(app);
    await pods.untilReady(app, before || (scale ?? (await scales.read(app))).replicas);
    if (before) throw new TargetError(`${app} was to be down, but something has scaled it to ${before} meanwhile.`);
  }

  async function endChaos(names: readonly ChaosName[]): Promise<void> {
    await allMended(names.map(mesh.end));
    for (const { name } of names) injected.delete(name);
  }

  /** By verb; `app` and `index` are the parts of `name`. */
  const handlers: Record<string, (name: string, app: string, index: number | undefined) => Promise<Effect>> = {
    async kill(name, app, index = 0) {
      const old = await pods.staying(app);
      const pod = await pods.one(app, index);
      await pods.remove(app, [pod], 0);
      const over = pods.untilReady(app, old.length, new Set([uidOf(pod)]));
      const died = pods.isGone(app, pod);
      return { detail: `pod ${index + 1} of ${app} was killed`, begins: `kill ${name}`, died, over };
    },
    async crash(name, app, index = 0) {
      const { length } = await pods.staying(app);
      const pod = await pods.one(app, index);
      const chaos = crashChaos(namespace, name, nameOf(pod), pod.spec?.containers[0]?.name ?? app);
      injected.set(chaos.name, chaos);
      await mesh.inject(chaos);
      await pods.untilDied(app, pod);
      await endChaos([chaos]);
      const over = pods.untilReady(app, length);
      return { detail: `the process in ${nameOf(pod)} has died`, begins: `kill ${name}`, over };
    },
    async restart(name, app, index) {
      await pods.remove(app, index === undefined ? await pods.staying(app) : [await pods.one(app, index)], 30);
      return { detail: `${name} was restarted`, begins: `restart ${name}`, over: Promise.resolve() };
    },
    async stop(name, app) {
      await stop(app);
      return { detail: `${app} is scaled to zero, and its pods are gone`, begins: `stop ${name}` };
    },
    async start(name, app) {
      await start(app);
      return { detail: `${app} is up`, ends: `stop ${name}` };
    },
    async pause(name, app, index = 0) {
      const chaos = pauseChaos(namespace, name, nameOf(await pods.one(app, index)));
      injected.set(chaos.name, chaos);
      await mesh.inject(chaos);
      return { detail: `${name} is cut off`, begins: `pause ${name}` };
    },
    async resume(name) {
      await endChaos([pauseName(name)]);
      return { detail: `${name} is connected again`, ends: `pause ${name}` };
    },
  };

  async function network(command: readonly string[]): Promise<Effect> {
    if (command[1] === 'heal') {
      await endChaos(networkNames());
      return { detail: 'the network works again', ends: 'network' };
    }
    const objects = networkChaos(namespace, command, (key) => services[key].urls.length > 0);
    for (const one of objects) injected.set(one.name, one);
    await Promise.all(objects.map(mesh.inject));
    return { detail: command.join(' '), begins: 'network' };
  }

  async function act(command: readonly string[]): Promise<Effect> {
    const [verb = '', name = ''] = command;
    if (verb === 'network') return network(command);
    if (verb === 'wipe' && name === 'redis') {
      if (!env.REDIS_URL) throw new TargetError('Set REDIS_URL to wipe Redis.');
      return wipeRedis(env.REDIS_URL);
    }
    return handlerOf(handlers, command)(name, ...partsOf(name));
  }

  /** An address that leads to one of several pods is gone with that pod: its clients would see failures that no other client sees. */
  async function heldPods(steps: readonly TargetStep[]): Promise<string[]> {
    const broken = new Set(steps.flatMap(({ command }) => (command ? [partsOf(command[1] ?? '')[0]] : [])));
    const held = async (key: ServiceKey) => {
      const { name } = declaration(key);
      const [url = ''] = services[key].urls;
      if (!broken.has(name) || (await pods.staying(name)).length < 2 || !(await holdsOneProcess(url))) return [];
      return [`${url} leads to one pod of ${name} only, as "kubectl port-forward" does. Run it in the cluster.`];
    };
    return (await Promise.all(SERVICE_KEYS.map(held))).flat();
  }

  return {
    description: `the namespace ${namespace}`,
    services,
    operatorToken: token,
    variables: env,
    fresh: false,
    async obstacles(steps) {
      const found = [...impossible(steps, 'kubernetes'), ...(await heldPods(steps))];
      if (needsChaosMesh(steps) && !(await mesh.isInstalled()))
        found.push(withoutChaosMesh('NetworkChaos and PodChaos'));
      if (armsFaults(steps)) {
        await armedFaults(allUrls(services), token).catch((error: Error) => {
          found.push(
            `It arms faults, but no service lets it: ${error.message}. The component "chaos" turns faults on.`,
          );
        });
      }
      for (const [app, count] of replicasNamed(steps)) {
        const { length } = await pods.staying(app);
        if (length < count) found.push(`It names ${count} pods of ${app}, which has ${length}.`);
      }
      return found;
    },
    act,
    async undoOf([verb = '', name = '']) {
      const [app] = partsOf(name);
      switch (verb) {
        case 'stop':
          return { do: 'scale', namespace, ...(stopped.get(app) ?? (await scales.read(app))) };
        case 'crash':
          return { do: 'end-chaos', namespace, objects: [crashName(name)] };
        case 'pause':
          return { do: 'end-chaos', namespace, objects: [pauseName(name)] };
        case 'network':
          return {
            do: 'end-chaos',
            namespace,
            objects: networkNames().map(({ kind, name: of }) => ({ kind, name: of })),
          };
        default:
          // Controllers replace deleted pods.
          return undefined;
      }
    },
    async undoOfFault() {
      const urls = allUrls(services);
      return { do: 'disarm', urls, keep: await armedFaults(urls, token) };
    },
    heal: () => allMended([...[...stopped.keys()].map(start), endChaos([...injected.values()])]),
    close: async () => {},
  };
}

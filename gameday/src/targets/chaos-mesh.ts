import { waitUntil } from '@valerix/local-stack/machine/wait-until';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { ifThere, type KubeClient } from './kube-client.ts';
import { modeOf } from './network-command.ts';
import { TargetError } from './target.ts';

const API = { group: 'chaos-mesh.org', version: 'v1alpha1' };
const PLURALS = { PodChaos: 'podchaos', NetworkChaos: 'networkchaos' } as const;

/** The name and kind of an object of Chaos Mesh. */
export interface ChaosName {
  kind: keyof typeof PLURALS;
  name: string;
}
export interface ChaosObject extends ChaosName {
  spec: Record<string, unknown>;
}

/** Chaos Mesh ends it by itself after this time, if nothing else does; no fault of ours lasts longer. */
const DURATION = '1h';
/** The longest time until Chaos Mesh has injected or recovered. */
const INJECTED_MS = 60_000;

/** The objects of `network slow|cut|swallow`: one for each service that calls another. @throws {TargetError} for another command */
export function networkChaos(
  namespace: string,
  command: readonly string[],
  installed: (key: ServiceKey) => boolean,
): ChaosObject[] {
  const fault = networkFault(command);
  const pods = (app: string) => ({
    mode: 'all',
    selector: { namespaces: [namespace], labelSelectors: { 'app.kubernetes.io/name': app } },
  });
  return networkNames(installed).map(({ caller, called, ...object }) => ({
    ...object,
    spec: { ...pods(caller), ...fault, duration: DURATION, target: pods(called) },
  }));
}

/** The name of each object that `network` may have created. */
export const networkNames = (installed: (key: ServiceKey) => boolean = () => true) =>
  SERVICE_KEYS.filter(installed).flatMap((key) =>
    declaration(key)
      .calls.filter(installed)
      .map((other) => {
        const [caller, called] = [declaration(key).name, declaration(other).name];
        return { kind: 'NetworkChaos' as const, name: `gameday-${caller}-${called}`, caller, called };
      }),
  );

function networkFault(command: readonly string[]) {
  const mode = modeOf(command);
  switch (mode.kind) {
    case 'slow': {
      // The jitter of Chaos Mesh goes both ways, ours only up.
      const half = mode.jitterMs / 2;
      const delay = { latency: `${mode.ms + half}ms`, jitter: `${half}ms`, correlation: '0' };
      return { action: 'delay', direction: 'both', delay };
    }
    case 'swallow':
      return { action: 'loss', direction: 'from', loss: { loss: String(mode.percent), correlation: '0' } };
    default:
      return { action: 'partition', direction: 'both' };
  }
}

/** A pod that exists and does not answer: none of its packets arrive, none of its connections are reset. */
export const pauseChaos = (namespace: string, name: string, pod: string): ChaosObject => ({
  ...pauseName(name),
  spec: {
    action: 'partition',
    direction: 'both',
    duration: DURATION,
    mode: 'all',
    selector: { pods: { [namespace]: [pod] } },
  },
});

export const pauseName = (name: string): ChaosName => ({ kind: 'NetworkChaos', name: `gameday-pause-${name}` });

/** Kills the process of a container; kubelet starts it again in the same pod. */
export const crashChaos = (namespace: string, name: string, pod: string, container: string): ChaosObject => ({
  ...crashName(name),
  spec: {
    action: 'container-kill',
    mode: 'all',
    selector: { pods: { [namespace]: [pod] } },
    containerNames: [container],
  },
});

export const crashName = (name: string): ChaosName => ({ kind: 'PodChaos', name: `gameday-crash-${name}` });

interface Status {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Chaos Mesh in a namespace. */
export function createChaosMesh({ custom }: KubeClient, namespace: string, pollMs: number) {
  const address = ({ kind, name }: ChaosName) => ({ ...API, namespace, plural: PLURALS[kind], name });
  const read = (one: ChaosName): Promise<Status | undefined> =>
    ifThere(`reading the ${one.kind} ${one.name}`, custom.getNamespacedCustomObject(address(one)));

  /** Ends what an object injected, and waits until Chaos Mesh has recovered it. Safe to repeat, also without Chaos Mesh. */
  async function end(one: ChaosName): Promise<void> {
    const there = await ifThere(
      `deleting the ${one.kind} ${one.name}`,
      custom.deleteNamespacedCustomObject(address(one)),
    );
    if (!there || (await waitUntil(INJECTED_MS, pollMs, async () => (await read(one)) === undefined))) return;
    throw new TargetError(`Chaos Mesh has not ended the ${one.kind} ${one.name} after ${INJECTED_MS / 1000} s.`);
  }

  return {
    end,

    isInstalled: async (): Promise<boolean> =>
      (await ifThere('looking for Chaos Mesh', custom.getAPIResources(API))) !== undefined,

    /** Injects, in place of what an object of that name injected. @throws {TargetError} when nothing was injected */
    async inject({ kind, name, spec }: ChaosObject): Promise<void> {
      await end({ kind, name });
      const body = { apiVersion: `${API.group}/${API.version}`, kind, metadata: { name, namespace }, spec };
      const { name: _, ...place } = address({ kind, name });
      const created = await ifThere(
        `creating the ${kind} ${name}`,
        custom.createNamespacedCustomObject({ ...place, body }),
      );
      if (!created) throw new TargetError(withoutChaosMesh(kind));
      const injected = async () => {
        const conditions = (await read({ kind, name }))?.status?.conditions ?? [];
        return conditions.some(({ type, status }) => type === 'AllInjected' && status === 'True');
      };
      if (await waitUntil(INJECTED_MS, pollMs, injected)) return;
      await end({ kind, name });
      throw new TargetError(`Chaos Mesh has not injected the ${kind} ${name} after ${INJECTED_MS / 1000} s.`);
    },
  };
}

export const withoutChaosMesh = (kinds: string): string =>
  `Chaos Mesh is not installed: the cluster has no ${kinds} of chaos-mesh.org/v1alpha1.`;

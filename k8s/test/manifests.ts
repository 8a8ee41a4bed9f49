import type { IContainer, IPodSpec, IPodTemplateSpec } from 'kubernetes-models/v1';

/** A rendered object. What is below `spec` is read through the typed functions of this file. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
  type?: string;
}

export interface Workload {
  manifest: Manifest;
  /** `Deployment/order-service` */
  id: string;
  labels: Record<string, string>;
  pod: IPodSpec;
}

const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

export const idOf = (manifest: Manifest): string => `${manifest.kind}/${manifest.metadata.name}`;

export const ofKind = (manifests: readonly Manifest[], ...kinds: string[]): Manifest[] =>
  manifests.filter(({ kind }) => kinds.includes(kind));

/** Everything that starts pods, with the pod it starts. */
export function workloads(manifests: readonly Manifest[]): Workload[] {
  return ofKind(manifests, ...workloadKinds).map((manifest) => {
    const template = podTemplate(manifest);
    if (!template.spec) throw new Error(`${idOf(manifest)} has no pod`);
    return { manifest, id: idOf(manifest), labels: { ...template.metadata?.labels }, pod: template.spec };
  });
}

function podTemplate(manifest: Manifest): IPodTemplateSpec {
  const spec = manifest.spec as { template?: IPodTemplateSpec; jobTemplate?: { spec: { template: IPodTemplateSpec } } };
  const template = spec.jobTemplate?.spec.template ?? spec.template;
  if (!template) throw new Error(`${idOf(manifest)} has no template`);
  return template;
}

/**
 * What all pods that go on running request together: thousandths of a CPU, and MiB. An autoscaler counts with its fewest replicas.
 * @throws Error for a request in another unit
 */
export function requestsOf(manifests: readonly Manifest[]): { cpu: number; memory: number } {
  const fewest = ofKind(manifests, 'HorizontalPodAutoscaler').map(({ spec }) => {
    const { scaleTargetRef, minReplicas } = spec as { scaleTargetRef: { name: string }; minReplicas: number };
    return [`Deployment/${scaleTargetRef.name}`, minReplicas] as const;
  });
  const replicas = new Map<string, number>(fewest);
  const sum = (resource: 'cpu' | 'memory', unit: RegExp) =>
    workloads(ofKind(manifests, 'Deployment', 'StatefulSet'))
      .flatMap(({ id, manifest, pod }) =>
        pod.containers.map(({ resources }) => {
          const text = String(resources?.requests?.[resource]);
          if (!unit.test(text)) throw new Error(`${id} requests ${text} ${resource}`);
          return Number.parseInt(text, 10) * (replicas.get(id) ?? Number(manifest.spec?.replicas ?? 1));
        }),
      )
      .reduce((total, one) => total + one, 0);
  return { cpu: sum('cpu', /^\d+m$/), memory: sum('memory', /^\d+Mi$/) };
}

/** Containers that go on running, and those that run first. */
export const containersOf = (pod: IPodSpec): IContainer[] => [...pod.containers, ...(pod.initContainers ?? [])];

/** True when each of `wanted` is among `labels`. */
export const matches = (labels: Record<string, string>, wanted: Record<string, string> = {}): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

/** The one object of that kind and name. @throws Error when there is none */
export function named(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found =
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name) ??
    // The operator makes a Secret of its name.
    manifests.find((manifest) => kind === 'Secret' && idOf(manifest) === `ExternalSecret/${name}`);
  if (!found) throw new Error(`no ${kind} ${name} was rendered`);
  return found;
}

/** The values of a ConfigMap or Secret as text; those of an ExternalSecret with names in the place of passwords. */
export function valuesOf(manifest: Manifest): Record<string, string> {
  if (manifest.kind === 'ExternalSecret') {
    const { target } = manifest.spec as { target: { template: { data: Record<string, string> } } };
    return target.template.data;
  }
  const entries = Object.entries(manifest.data ?? {});
  if (manifest.kind !== 'Secret') return Object.fromEntries(entries);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** The environment a container is started with, values and references resolved. @throws Error for a missing reference */
export function environmentOf(container: IContainer, manifests: readonly Manifest[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, name] = configMapRef ? ['ConfigMap', configMapRef.name] : ['Secret', secretRef?.name];
    if (configMapRef?.optional && !manifests.some((one) => one.kind === kind && one.metadata.name === name)) continue;
    Object.assign(environment, valuesOf(named(manifests, kind as string, name as string)));
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef;
    if (secret) {
      const found = valuesOf(named(manifests, 'Secret', secret.name as string))[secret.key];
      if (found === undefined) throw new Error(`Secret ${secret.name} has no key ${secret.key}`);
      environment[name] = found;
    } else environment[name] = value ?? `(${Object.keys(valueFrom ?? {}).join()})`;
  }
  return environment;
}

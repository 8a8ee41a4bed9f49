import type { IContainer } from 'kubernetes-models/v1';
import {
  containersOf,
  environmentOf,
  idOf,
  type Manifest,
  matches,
  ofKind,
  type Workload,
  workloads,
} from './manifests.ts';

/** A rule looks at everything that was rendered together and says what is wrong, a line each. */
export type Rule = (manifests: readonly Manifest[]) => string[];

const servers = (manifests: readonly Manifest[]): Workload[] =>
  workloads(manifests).filter(({ manifest }) => ['Deployment', 'StatefulSet'].includes(manifest.kind));

/** Runs a check on each container; a problem is told with the container's name. */
const eachContainer =
  (check: (container: IContainer, workload: Workload) => (string | false | undefined)[]): Rule =>
  (manifests) =>
    workloads(manifests).flatMap((workload) =>
      containersOf(workload.pod).flatMap((container) =>
        check(container, workload)
          .flatMap((problem) => problem || [])
          .map((problem) => `${workload.id} ${container.name}: ${problem}`),
      ),
    );

export const imagesAreFixed = eachContainer(({ image = '' }) => [
  !/:[\w.-]+$|@sha256:/.test(image) && `the image ${image} has no tag`,
  image.endsWith(':latest') && 'the image is whatever is newest',
]);

export const resourcesAreSet = eachContainer(({ resources }) => [
  !resources?.requests?.cpu && 'requests no CPU',
  !resources?.requests?.memory && 'requests no memory',
  !resources?.limits?.memory && 'has no limit of memory',
]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/, "restricted", and a read-only root besides. */
export const podsAreRestricted: Rule = (manifests) => [
  ...eachContainer(({ securityContext: own }, { pod }) => [
    own?.allowPrivilegeEscalation !== false && 'may escalate privileges',
    own?.capabilities?.drop?.join() !== 'ALL' && 'keeps capabilities',
    own?.readOnlyRootFilesystem !== true && 'may write to its image',
    own?.privileged && 'is privileged',
    pod.securityContext?.runAsNonRoot !== true && 'may run as root',
    !((pod.securityContext?.runAsUser ?? 0) > 0) && 'has no numeric user',
    pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault' && 'has no seccomp profile',
    (pod.hostNetwork || pod.hostPID || pod.hostIPC) && 'shares a namespace of the host',
  ])(manifests),
  ...workloads(manifests).flatMap(({ id, pod }) =>
    (pod.volumes ?? [])
      .filter(
        (volume) =>
          !(
            'configMap' in volume ||
            'secret' in volume ||
            'emptyDir' in volume ||
            'projected' in volume ||
            'persistentVolumeClaim' in volume
          ),
      )
      .map(({ name }) => `${id}: the volume ${name} is of a kind that restricted pods may not have`),
  ),
  ...ofKind(manifests, 'Namespace')
    .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
    .map((namespace) => `${idOf(namespace)} does not enforce the restricted profile`),
];

export const probesAreSet: Rule = (manifests) =>
  servers(manifests).flatMap(({ id, pod }) =>
    pod.containers.flatMap(({ name, startupProbe, livenessProbe, readinessProbe, ports = [] }) =>
      Object.entries({ startupProbe, livenessProbe, readinessProbe }).flatMap(([kind, probe]) => {
        const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
        if (!probe) return [`${id} ${name} has no ${kind}`];
        if (port !== undefined && !ports.some((known) => known.name === port))
          return [`${id} ${name}: ${kind} asks port ${port}`];
        return [];
      }),
    ),
  );

/** Kubernetes kills what is not gone by then: the grace covers the pause, the delay and the drain, and 2 s more. */
export const graceCoversTheDrain: Rule = (manifests) =>
  servers(manifests).flatMap(({ id, pod }) =>
    pod.containers.flatMap((container) => {
      const environment = hasAllReferences(container, manifests) ? environmentOf(container, manifests) : {};
      const seconds = (name: string) => Number(environment[name] ?? 0) / 1000;
      const needed =
        (container.lifecycle?.preStop?.sleep?.seconds ?? 0) +
        seconds('SHUTDOWN_DELAY_MS') +
        seconds('SHUTDOWN_GRACE_MS') +
        2;
      const given = pod.terminationGracePeriodSeconds ?? 30;
      return given < needed ? [`${id} ${container.name} needs ${needed} s to stop and gets ${given} s`] : [];
    }),
  );

const hasAllReferences = (container: IContainer, manifests: readonly Manifest[]): boolean => {
  try {
    environmentOf(container, manifests);
    return true;
  } catch {
    return false;
  }
};

/** The API server drops an empty list from a policy, so that each apply would change the object again. */
export const policiesHaveNoEmptyList: Rule = (manifests) =>
  ofKind(manifests, 'NetworkPolicy').flatMap((policy) =>
    Object.entries(policy.spec ?? {})
      .filter(([, value]) => Array.isArray(value) && value.length === 0)
      .map(([field]) => `${idOf(policy)} has an empty ${field}`),
  );

export const deploymentsStayUp: Rule = (manifests) =>
  ofKind(manifests, 'Deployment').flatMap((deployment) => {
    const { name } = deployment.metadata;
    const { pod, labels } = workloads([deployment])[0] as Workload;
    // No order passes through it.
    if (labels['app.kubernetes.io/component'] === 'laboratory') return [];
    const spec = deployment.spec as { replicas?: number; strategy?: { rollingUpdate?: { maxUnavailable?: number } } };
    const scaled = ofKind(manifests, 'HorizontalPodAutoscaler', 'ScaledObject').filter(
      ({ spec: scaler }) => (scaler?.scaleTargetRef as { name: string } | undefined)?.name === name,
    );
    const least = (scaled[0]?.spec?.minReplicas ?? scaled[0]?.spec?.minReplicaCount) as number | undefined;
    const budgets = ofKind(manifests, 'PodDisruptionBudget').filter(({ spec: budget }) =>
      matches(labels, selectorOf(budget)),
    );
    return [
      scaled.length !== 1 && `is scaled by ${scaled.length} autoscalers`,
      (least ?? 0) < 2 && 'may have fewer than two pods',
      spec.replicas !== undefined && 'has a number of replicas, which undoes what its autoscaler did',
      budgets.length !== 1 && `has ${budgets.length} disruption budgets`,
      spec.strategy?.rollingUpdate?.maxUnavailable !== 0 && 'loses capacity in an update',
      !pod.topologySpreadConstraints?.length && 'may have all its pods on one node',
      !pod.containers.every(({ lifecycle }) => lifecycle?.preStop) && 'stops before the cluster has forgotten it',
    ].flatMap((problem) => (problem ? [`${idOf(deployment)} ${problem}`] : []));
  });

const selectorOf = (spec: Manifest['spec']): Record<string, string> | undefined =>
  (spec?.selector as { matchLabels?: Record<string, string> } | undefined)?.matchLabels;

export const selectorsMatch: Rule = (manifests) => [
  ...servers(manifests)
    .filter(({ manifest, labels }) => !matches(labels, selectorOf(manifest.spec)))
    .map(({ id }) => `${id} does not select its own pods`),
  ...ofKind(manifests, 'PodDisruptionBudget')
    .filter(({ spec }) => !workloads(manifests).some(({ labels }) => matches(labels, selectorOf(spec))))
    .map((budget) => `${idOf(budget)} selects nothing`),
  ...ofKind(manifests, 'Service').flatMap((service) => {
    const { selector, ports } = service.spec as {
      selector: Record<string, string>;
      ports: { targetPort: string | number }[];
    };
    const pods = workloads(manifests).filter(({ labels }) => matches(labels, selector));
    if (pods.length === 0) return [`${idOf(service)} selects nothing`];
    const open = pods.flatMap(({ pod }) =>
      pod.containers.flatMap(({ ports: own = [] }) => own.flatMap(({ name, containerPort }) => [name, containerPort])),
    );
    return ports
      .filter(({ targetPort }) => !open.includes(targetPort))
      .map(({ targetPort }) => `${idOf(service)} targets port ${targetPort}, which nobody opens`);
  }),
];

/** A token lets a pod talk to the API server. */
const WITH_TOKEN = ['prometheus', 'laboratory', 'gameday'];

export const tokensAreNamed: Rule = (manifests) =>
  workloads(manifests)
    .filter(
      ({ pod, manifest }) =>
        (pod.automountServiceAccountToken !== false) !== WITH_TOKEN.includes(manifest.metadata.name),
    )
    .map(({ id }) => `${id} has a token and should have none, or the reverse`);

export const labelsAreStandard: Rule = (manifests) =>
  workloads(manifests).flatMap(({ id, manifest, labels }) =>
    ['name', 'component', 'part-of']
      .map((label) => `app.kubernetes.io/${label}`)
      .filter((label) => !labels[label] || manifest.metadata.labels?.[label] !== labels[label])
      .map((label) => `${id} has no label ${label}, or its pods have another`),
  );

const clusterWide = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'];

export const everythingIsInTheNamespace: Rule = (manifests) =>
  manifests
    .filter(({ kind, metadata }) => !clusterWide.includes(kind) && metadata.namespace !== 'valerix')
    .map((manifest) => `${idOf(manifest)} is in the namespace ${manifest.metadata.namespace}`);

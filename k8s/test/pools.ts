import { CONTROL_CONNECTIONS } from '@valerix/service-kit/chaos/control/open-control';
import { WATCHING_CONNECTIONS } from '@valerix/service-kit/pools';
import { environmentOf, type Manifest, ofKind, workloads } from './manifests.ts';
import type { Rule } from './policies.ts';

/** What PostgreSQL keeps for its superuser, the backup's sessions and a person who looks. */
const RESERVED = 15;

/** As many replicas as the autoscalers may start, one more in an update, each with full pools: all get a connection. */
export const poolsFit: Rule = (manifests) => {
  const pools = workloads(manifests).flatMap(({ manifest, pod }) => {
    const [container] = pod.containers;
    const { DATABASE_POOL_MAX, DATABASE_READ_POOL_MAX } = (container && environmentOf(container, manifests)) ?? {};
    if (DATABASE_POOL_MAX === undefined) return [];
    const own = Number(DATABASE_POOL_MAX) + Number(DATABASE_READ_POOL_MAX) + WATCHING_CONNECTIONS + CONTROL_CONNECTIONS;
    return [own * (mostReplicas(manifests, manifest.metadata.name) + 1)];
  });
  const wanted = pools.reduce((sum, each) => sum + each, RESERVED);
  const limit = connectionLimit(manifests);
  const services = workloads(manifests).filter(({ labels }) => labels['app.kubernetes.io/component'] === 'api').length;
  if (pools.length !== services) return [`${pools.length} services have a pool, not ${services}`];
  return wanted > limit ? [`PostgreSQL takes ${limit} connections, and ${wanted} may be wanted`] : [];
};

function mostReplicas(manifests: readonly Manifest[], name: string): number {
  const scaler = ofKind(manifests, 'HorizontalPodAutoscaler', 'ScaledObject').find(
    ({ spec }) => (spec?.scaleTargetRef as { name: string } | undefined)?.name === name,
  );
  return (scaler?.spec?.maxReplicas ?? scaler?.spec?.maxReplicaCount ?? 1) as number;
}

function connectionLimit(manifests: readonly Manifest[]): number {
  const [cluster] = ofKind(manifests, 'Cluster');
  const parameters = (cluster?.spec?.postgresql as { parameters: Record<string, string> } | undefined)?.parameters;
  if (parameters) return Number(parameters.max_connections);
  const postgres = workloads(manifests).find(({ id }) => id === 'StatefulSet/postgres');
  const setting = postgres?.pod.containers[0]?.args?.find((argument) => argument.startsWith('max_connections='));
  return Number(setting?.split('=')[1]);
}

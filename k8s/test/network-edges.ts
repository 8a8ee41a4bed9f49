import { parse } from 'yaml';
import {
  containersOf,
  environmentOf,
  type Manifest,
  matches,
  named,
  ofKind,
  valuesOf,
  workloads,
} from './manifests.ts';

interface Peer {
  podSelector?: { matchLabels?: Record<string, string> };
  namespaceSelector?: { matchLabels?: Record<string, string> };
  ipBlock?: { cidr: string };
}
interface PolicyRule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number | string; protocol: string }[];
}
interface Policy {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes: string[];
  ingress?: PolicyRule[];
  egress?: PolicyRule[];
}
interface Pods {
  name: string;
  labels: Record<string, string>;
  /** The ports that its containers open, by name. */
  ports: Record<string, number>;
}

export interface Edges {
  /** Between pods, allowed at both ends: `frontend -> order-service:3001`. */
  inside: string[];
  /** From or to what is no pod of ours: `anywhere -> frontend:3000`. */
  outside: string[];
  /** Allowed at one end only, so never used. */
  dangling: string[];
}

/** Who may talk to whom, by the network policies. Rules that hold for every pod (DNS) are not listed. */
export function allowedEdges(manifests: readonly Manifest[]): Edges {
  const pods = allPods(manifests);
  const [ingress, egress, outside] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { spec } of ofKind(manifests, 'NetworkPolicy')) {
    const policy = spec as unknown as Policy;
    if (!policy.podSelector.matchLabels) continue;
    for (const { name, ports } of selected(pods, policy.podSelector.matchLabels)) {
      for (const { port, peer } of endsOf(policy.ingress, 'from')) {
        for (const other of peersOf(pods, peer)) {
          (other.inside ? ingress : outside).add(`${other.name} -> ${name}:${numberOf(port, ports)}`);
        }
      }
      for (const { port, peer } of endsOf(policy.egress, 'to')) {
        for (const other of peersOf(pods, peer)) {
          // Without a port every one is allowed: those that are open.
          const open = port === undefined ? Object.values(other.ports) : [numberOf(port, other.ports)];
          for (const each of open) (other.inside ? egress : outside).add(`${name} -> ${other.name}:${each}`);
        }
      }
    }
  }
  return {
    inside: [...ingress].filter((edge) => egress.has(edge)).sort(),
    outside: [...outside].sort(),
    dangling: [...ingress].filter((edge) => !egress.has(edge)).concat([...egress].filter((edge) => !ingress.has(edge))),
  };
}

const endsOf = (rules: PolicyRule[] = [], side: 'from' | 'to') =>
  rules.flatMap((rule) =>
    (rule.ports ?? [{ port: undefined }]).flatMap(({ port }) =>
      (rule[side] ?? [undefined]).map((peer) => ({ port, peer })),
    ),
  );

/** @throws Error for a name that no container gives to a port */
function numberOf(port: number | string | undefined, named: Record<string, number>): number {
  const number = typeof port === 'string' ? named[port] : port;
  if (number === undefined) throw new Error(`a policy allows the port ${port}, which is not open`);
  return number;
}

function peersOf(pods: Pods[], peer: Peer | undefined): (Pick<Pods, 'name' | 'ports'> & { inside: boolean })[] {
  const outside = (name: string) => [{ name, ports: {}, inside: false }];
  if (!peer) return outside('anywhere');
  if (peer.ipBlock) return outside(peer.ipBlock.cidr);
  const namespace = peer.namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'];
  if (namespace) return outside(namespace);
  return selected(pods, peer.podSelector?.matchLabels).map(({ name, ports }) => ({ name, ports, inside: true }));
}

const selected = (pods: Pods[], labels?: Record<string, string>): Pods[] =>
  pods.filter((pod) => matches(pod.labels, labels));

/** One entry per application; those of a PostgreSQL cluster are started by its operator. */
function allPods(manifests: readonly Manifest[]): Pods[] {
  const own = workloads(manifests).map(({ labels, pod }) => ({
    name: labels['app.kubernetes.io/name'] as string,
    labels,
    ports: Object.fromEntries(
      pod.containers.flatMap(({ ports = [] }) => ports.map(({ name, containerPort }) => [name ?? '', containerPort])),
    ),
  }));
  const clusters = ofKind(manifests, 'Cluster').map(({ metadata, spec }) => ({
    name: 'postgres',
    labels: {
      ...(spec?.inheritedMetadata as { labels: Record<string, string> } | undefined)?.labels,
      'cnpg.io/cluster': metadata.name,
    },
    ports: {},
  }));
  return [...new Map([...own, ...clusters].map((pod) => [pod.name, pod])).values()];
}

/** Who really talks to whom: read off the addresses in everybody's environment and configuration. */
export function neededEdges(manifests: readonly Manifest[]): string[] {
  const edges = new Set<string>();
  for (const { labels, pod } of workloads(manifests)) {
    const client = labels['app.kubernetes.io/name'] as string;
    for (const container of containersOf(pod)) {
      const environment = environmentOf(container, manifests);
      for (const value of Object.values(environment)) {
        // A host with a dot, or localhost, is outside or the pod itself.
        const address = /^\w+:\/\/(?:[^@/]*@)?([a-z-]+):(\d+)/.exec(value);
        if (!address || address[1] === 'localhost') continue;
        edges.add(`${client} -> ${podsBehind(manifests, address[1] as string)}:${address[2]}`);
      }
      if (environment.PGHOST) edges.add(`${client} -> ${environment.PGHOST}:5432`);
    }
  }
  for (const edge of [...scrapes(manifests), ...dataSources(manifests)]) edges.add(edge);
  if (ofKind(manifests, 'Cluster').length > 0) {
    // The instances copy from one another, and CloudNativePG's isolation check asks the others' instance managers.
    for (const port of [5432, 8000]) edges.add(`postgres -> postgres:${port}`);
  }
  return [...edges].sort();
}

/** The application behind the name of a Service; the name itself where an operator makes the Service. */
function podsBehind(manifests: readonly Manifest[], host: string): string {
  const service = ofKind(manifests, 'Service').find(({ metadata }) => metadata.name === host);
  const selector = service?.spec?.selector as Record<string, string> | undefined;
  return selector?.['app.kubernetes.io/name'] ?? host;
}

interface PrometheusConfig {
  alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
  scrape_configs: { relabel_configs?: { regex: string; action?: string }[] }[];
}

function scrapes(manifests: readonly Manifest[]): string[] {
  const file = valuesOf(configMap(manifests, 'prometheus'))['prometheus.yml'] as string;
  const config = parse(file) as PrometheusConfig;
  const alertmanagers = config.alerting.alertmanagers.flatMap(({ static_configs }) =>
    static_configs.flatMap(({ targets }) => targets),
  );
  const discovered = config.scrape_configs.flatMap(({ relabel_configs = [] }) =>
    relabel_configs
      .filter(({ action }) => action === 'keep')
      .flatMap(({ regex }) => serversOf(manifests, regex.split(';') as [string, string])),
  );
  return [...alertmanagers, ...discovered].map((target) => `prometheus -> ${target}`);
}

/** The pods of a component that open a port of that name: what Prometheus looks for. */
export function serversOf(manifests: readonly Manifest[], [component, port]: [string, string]): string[] {
  const pods = allPods(manifests).filter(({ labels }) => labels['app.kubernetes.io/component'] === component);
  if (pods.length === 0) throw new Error(`Prometheus looks for ${component}, which no pod is`);
  return pods.map(({ name, ports }) => `${name}:${numberOf(ports[port], ports)}`);
}

function dataSources(manifests: readonly Manifest[]): string[] {
  const file = Object.values(valuesOf(configMap(manifests, 'grafana-datasources')))[0] as string;
  const { datasources } = parse(file) as { datasources: { url: string }[] };
  return datasources.map(({ url }) => `grafana -> ${new URL(url).host}`);
}

/** Generated ConfigMaps carry a hash of their content in their name. */
function configMap(manifests: readonly Manifest[], name: string): Manifest {
  const pattern = new RegExp(`^${name}-[a-z0-9]{10}$`);
  const found = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && pattern.test(metadata.name));
  return found ?? named(manifests, 'ConfigMap', name);
}

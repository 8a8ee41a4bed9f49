import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  declaration,
  MANDATORY_KEYS,
  OPTIONAL_KEYS,
  replicasUrlVariable,
  SERVICE_KEYS,
  urlVariable,
} from '@valerix/system';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { containersOf, environmentOf, idOf, type Manifest, named, requestsOf, workloads } from './manifests.ts';
import { allowedEdges, neededEdges } from './network-edges.ts';
import * as policies from './policies.ts';
import { poolsFit } from './pools.ts';
import { referencesExist } from './references.ts';
import { kustomize, render, renderer, root, type Target, targets } from './render.ts';
import { asTypeScript, schemaProblems } from './schemas.ts';

const checked = new Set<Manifest>();

describe.each(targets)('$name', (target) => {
  it('renders, and every object fits the schema of its kind', async () => {
    const manifests = render(target);
    expect(manifests.length).toBeGreaterThan(40);
    for (const manifest of manifests) {
      // What is equal in several targets is the same object.
      if (!checked.has(manifest)) expect(await schemaProblems(manifest), idOf(manifest)).toEqual([]);
      checked.add(manifest);
    }
  }, 60_000);

  it.each(
    Object.entries({ ...policies, ...(target.folder === 'base' ? {} : { referencesExist, poolsFit }) })
      // The small overlay gives this up, and docs/deploy-doks.md says so.
      .filter(([name]) => !(target.folder === 'overlays/doks-small' && name === 'deploymentsStayUp')),
  )(
    '%s',
    (_name, rule) => {
      expect(rule(render(target))).toEqual([]);
    },
    60_000,
  );

  // The base has no Secrets, so nobody's addresses.
  it.skipIf(target.folder === 'base')(
    'the network allows what is used, and nothing else',
    () => {
      const { inside, outside, dangling } = allowedEdges(render(target));
      expect(inside).toEqual(neededEdges(render(target)));
      expect(dangling).toEqual([]);
      expect(outside).toEqual(expectedOutside(target));
    },
    60_000,
  );
});

it('the laboratory knows the addresses of optional services where they are installed, and no others', () => {
  const manifests = render(targets.find(({ folder }) => folder === 'overlays/kind-whole') as Target);
  const isAddress = ({ kind, metadata }: Manifest) => kind === 'ConfigMap' && /-address\b/.test(metadata.name);
  const known = (among: readonly Manifest[]) => {
    const pods = workloads(among).filter(({ manifest }) => /^(laboratory|gameday)$/.test(manifest.metadata.name));
    return pods.map(({ pod }) => {
      const variables = containersOf(pod).map((container) => Object.keys(environmentOf(container, among)));
      return OPTIONAL_KEYS.map(urlVariable).filter((name) => variables.flat().includes(name));
    });
  };
  expect(known(manifests)).toEqual([OPTIONAL_KEYS.map(urlVariable), OPTIONAL_KEYS.map(urlVariable)]);
  expect(known(manifests.filter((one) => !isAddress(one)))).toEqual([[], []]);
});

it('doks-small keeps two order services, has no autoscaler, and leaves a fifth of its two nodes free', () => {
  const manifests = render(targets.find(({ folder }) => folder === 'overlays/doks-small') as Target);
  const replicas = manifests.flatMap(({ kind, metadata, spec }) =>
    kind === 'Deployment' ? [[metadata.name, spec?.replicas]] : [],
  );
  expect(Object.fromEntries(replicas)).toEqual({
    ...{ frontend: 1, 'identity-service': 1, 'inventory-service': 1, 'order-service': 2 },
  });
  expect(manifests.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  const { cpu, memory } = requestsOf(manifests);
  // What DigitalOcean leaves to pods on a node s-2vcpu-4gb: 1.9 CPUs and 2.5 GiB.
  expect(cpu).toBeLessThanOrEqual(2 * 1_900 * 0.8);
  expect(memory).toBeLessThanOrEqual(2 * 2_560 * 0.8);
}, 60_000);

it.each([
  ['base', 'off'],
  ['overlays/doks', 'off'],
  ['overlays/doks-small', 'off'],
  ['overlays/kind', 'on'],
])(
  'chaos in %s is %s, in every service',
  (folder, wanted) => {
    const manifests = render(targets.find((target) => target.folder === folder) as Target);
    const services = workloads(manifests).filter(({ labels }) => labels['app.kubernetes.io/component'] === 'api');
    expect(services).toHaveLength((folder === 'overlays/kind' ? SERVICE_KEYS : MANDATORY_KEYS).length);
    for (const { id, pod } of services) {
      const chaos = pod.containers[0]?.env?.find(({ name }) => name === 'CHAOS')?.value;
      // A command here would replace the image's entry point, which starts again what a fault killed.
      expect([id, chaos, pod.containers[0]?.command]).toEqual([id, wanted, undefined]);
    }
  },
  60_000,
);

it('an installation without the component of an optional service has no trace of it in what it runs', () => {
  const manifests = render(targets.find(({ folder }) => folder === 'overlays/doks') as Target);
  const running = workloads(manifests).map(({ id, pod }) => [
    id,
    ...containersOf(pod).map((container) => environmentOf(container, manifests)),
  ]);
  for (const key of OPTIONAL_KEYS) expect(JSON.stringify(running)).not.toContain(declaration(key).name);
}, 60_000);

it('the dashboard finds every pod of a service by a headless Service, also one that is not ready', () => {
  const manifests = render(targets.find(({ folder }) => folder === 'overlays/kind') as Target);
  const [container] = workloads(manifests).find(({ id }) => id === 'Deployment/frontend')?.pod.containers ?? [];
  const environment = container ? environmentOf(container, manifests) : {};
  for (const key of SERVICE_KEYS) {
    const { hostname, port } = new URL(environment[replicasUrlVariable(key)] as string);
    expect(named(manifests, 'Service', hostname).spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { 'app.kubernetes.io/name': declaration(key).name },
    });
    expect(port).toBe(String(declaration(key).port));
  }
}, 60_000);

it('ha-postgres has a place for each instance in the cluster of kind, and commits with one worker drained', () => {
  const kind = parse(readFileSync(join(root, 'k8s/overlays/kind/cluster.yaml'), 'utf8')) as {
    nodes: { role: string }[];
  };
  const workers = kind.nodes.filter(({ role }) => role === 'worker').length;
  const target = targets.find(({ components }) => components.join() === 'ha-postgres') as Target;
  const { instances, postgresql } = named(render(target), 'Cluster', 'valerix-postgres').spec as {
    instances: number;
    postgresql: { synchronous: { number: number } };
  };
  expect(workers).toBeGreaterThanOrEqual(instances);
  // What is left is a primary and as many standbys as a commit waits for.
  expect(Math.min(workers, instances) - 1).toBeGreaterThanOrEqual(1 + postgresql.synchronous.number);
}, 60_000);

it('kubectl and kustomize render the same', ({ skip }) => {
  const tool = kustomize();
  if (!tool || tool.command === renderer.command) skip('only one of the two is on this machine');
  for (const target of targets.filter(
    ({ name, components }) => /^(base|overlay doks)$/.test(name) || components.length > 2,
  )) {
    expect(render(target), target.name).toEqual(render(target, tool as NonNullable<typeof tool>));
  }
}, 120_000);

it('no object has a field that its type does not know', async () => {
  const distinct = new Map<string, Manifest>();
  for (const target of targets) {
    for (const manifest of render(target)) distinct.set(JSON.stringify(manifest), manifest);
  }
  expect(await compile([...distinct.values()])).toBe('');
}, 60_000);

it('the compiler does refuse a misspelt field', async () => {
  const [target] = targets;
  const deployment = render(target as Target).find(({ kind }) => kind === 'Deployment') as Manifest;
  const misspelt = JSON.parse(JSON.stringify(deployment).replace('"readinessProbe"', '"readinesProbe"')) as Manifest;
  expect(await compile([misspelt])).toContain('readinesProbe');
}, 60_000);

/** What the compiler says of the objects. */
async function compile(manifests: readonly Manifest[]): Promise<string> {
  // Below node_modules, where the models are found and no other check looks.
  const parent = join(root, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'valerix-k8s-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'objects.ts'), asTypeScript(manifests));
  const options = { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['objects.ts'] }));
  const tsc = join(root, 'node_modules/.bin/tsc');
  return promisify(execFile)(tsc, ['--project', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

/** What may come from or go to something that is no pod of ours, one reason each. */
function expectedOutside({ folder, components }: Target): string[] {
  const doks = folder.startsWith('overlays/doks');
  const whole = folder === 'overlays/kind-whole' ? ['laboratory'] : [];
  const base = components.includes('external-secrets');
  const byComponent: Record<string, string[]> = {
    gateway: ['envoy-gateway-system -> frontend:3000'],
    'monitoring-operator': SERVICE_KEYS.map((key) => `monitoring -> ${declaration(key).name}:${declaration(key).port}`),
    'autoscaling-keda': ['keda -> prometheus:9090'],
    laboratory: ['laboratory -> anywhere:443', 'laboratory -> anywhere:6443'],
    'ha-postgres': [
      'cnpg-system -> postgres:5432',
      'cnpg-system -> postgres:8000',
      'postgres -> anywhere:443',
      'postgres -> anywhere:6443',
    ],
  };
  return [
    // The API server, to find pods.
    'prometheus -> anywhere:443',
    'prometheus -> anywhere:6443',
    // The webhook.
    'alertmanager -> anywhere:443',
    // Not 0.0.0.0/0, which Cilium does not match with the address of a node.
    ...(base ? [] : ['anywhere -> frontend:3000']),
    ...(doks || base ? [] : ['anywhere -> grafana:3000', 'anywhere -> prometheus:9090']),
    ...[...components, ...whole].flatMap((name) => byComponent[name] ?? []),
  ].sort();
}

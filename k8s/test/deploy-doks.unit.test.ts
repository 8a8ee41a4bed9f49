import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { idOf, named, ofKind, requestsOf, workloads } from './manifests.ts';
import { render, renderOverlay, root, type Target, targets } from './render.ts';
import { schemaProblems } from './schemas.ts';

const page = readFileSync(join(root, 'docs/deploy-doks.md'), 'utf8');

/** The lines of an indented block that starts with this text, up to the first line that is not indented. */
function block(start: string): string {
  const lines = page.slice(page.indexOf(`       ${start}`)).split('\n');
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('       '));
  return lines.slice(0, end).join('\n');
}

it('the patch of the pull secret fits the overlay, and gives every Deployment the secret', async () => {
  const manifests = renderOverlay('with-pull-secret', {
    resources: ['../doks'],
    patches: parse(block('- target: { kind: Deployment }')),
  });
  const deployments = ofKind(manifests, 'Deployment');
  for (const { id, pod } of workloads(deployments)) expect(pod.imagePullSecrets, id).toHaveLength(1);
  for (const one of deployments) expect(await schemaProblems(one), idOf(one)).toEqual([]);
}, 60_000);

it('the annotations and the port of HTTPS fit the load balancer', async () => {
  const annotations = parse(block('service.beta.kubernetes.io/do-loadbalancer-tls-ports').split('\n\n')[0] as string);
  const ports = parse(block('- { name: https'));
  const patch = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'frontend', namespace: 'valerix', annotations },
    spec: { ports },
  };
  const service = named(
    renderOverlay('with-https', { resources: ['../doks'], patches: [{ patch: JSON.stringify(patch) }] }),
    'Service',
    'frontend',
  );
  const { ports: open } = service.spec as { ports: { port: number }[] };
  expect(open.map(({ port }) => port).sort()).toEqual([443, 80]);
  expect(Object.keys(service.metadata.annotations ?? {})).toEqual(expect.arrayContaining(Object.keys(annotations)));
  expect(await schemaProblems(service)).toEqual([]);
}, 60_000);

it('every file and folder that the page names is there', () => {
  const paths = [...page.matchAll(/\bk8s\/[\w./-]*\w/g)]
    .map(([path]) => path)
    .filter((path) => !path.endsWith('/secrets'));
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const named = [...page.matchAll(/components?\s+((?:`[\w-]+`(?:,? and |, )?)+)/g)].flatMap(
    ([, list]) => list?.match(/[\w-]+(?=`)/g) ?? [],
  );
  expect(named.filter((name) => !existsSync(join(root, 'k8s/components', name)))).toEqual([]);
});

it('every line of a command of the provider is marked as such', () => {
  const marked = /\[provider/;
  const steps = page.split(/^(?=\d+\. |## |### )/m);
  for (const step of steps.filter((text) => /doctl |registry\.digitalocean\.com\/YOUR/.test(text))) {
    // The introduction says what the page needs.
    if (!step.startsWith('# ')) expect(step, step.slice(0, 60)).toMatch(marked);
  }
});

it('the pods request what the page says, with the fewest replicas; the autoscalers go as far as it says', () => {
  const doks = render(targets.find(({ folder }) => folder === 'overlays/doks') as Target);
  const { cpu, memory } = requestsOf(doks);
  expect(page).toContain(`all pods request ${(cpu / 1_000).toFixed(1)} CPUs and ${(memory / 1_024).toFixed(1)} GiB`);
  const most = ofKind(doks, 'HorizontalPodAutoscaler').map(({ spec }) => Number(spec?.maxReplicas));
  expect(page).toContain(`(${most.toSorted((a, b) => b - a).join(' + ')} pods)`);
}, 60_000);

it('the volumes are those whose prices the page adds up', () => {
  const doks = render(targets.find(({ folder }) => folder === 'overlays/doks') as Target);
  const [, sizes = '', sum] = /volumes: ([\d +]+) = (\d+) GiB/.exec(page) ?? [];
  const claims = [
    ...ofKind(doks, 'PersistentVolumeClaim').map(({ spec }) => spec),
    ...ofKind(doks, 'StatefulSet').flatMap(({ spec }) =>
      ((spec?.volumeClaimTemplates ?? []) as { spec: object }[]).map((one) => one.spec),
    ),
  ] as { resources: { requests: { storage: string } } }[];
  const found = claims.map(({ resources }) => Number.parseInt(resources.requests.storage, 10));
  expect(found.toSorted((a, b) => a - b)).toEqual(
    sizes
      .split('+')
      .map(Number)
      .toSorted((a, b) => a - b),
  );
  expect(found.reduce((a, b) => a + b)).toBe(Number(sum));
}, 60_000);

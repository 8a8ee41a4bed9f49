import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readCompose } from './compose.ts';
import { containersOf, workloads } from './manifests.ts';
import { serversOf } from './network-edges.ts';
import { render, root, type Target, targets } from './render.ts';

const kind = targets.find(({ folder }) => folder === 'overlays/kind') as Target;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

it('every rule and dashboard of monitoring/ is in its ConfigMap', () => {
  const { configMapGenerator } = parse(read('monitoring/kustomization.yaml')) as {
    configMapGenerator: { name: string; files: string[] }[];
  };
  const named = configMapGenerator.flatMap(({ files }) => files).sort();
  const there = [
    'prometheus/rules',
    'alertmanager',
    'grafana/provisioning/datasources',
    'grafana/provisioning/dashboards',
    'grafana/dashboards',
  ];
  const files = there.flatMap((folder) =>
    readdirSync(join(root, 'monitoring', folder)).map((name) => `${folder}/${name}`),
  );
  expect(named).toEqual(files.filter((name) => /\.(ya?ml|json)$/.test(name)).sort());
});

it('Prometheus in the cluster differs from the one in compose only in how it finds pods', () => {
  interface Config {
    global: unknown;
    alerting: unknown;
    scrape_configs: { job_name: string }[];
  }
  const here = parse(read('k8s/base/prometheus/prometheus.yml')) as Config;
  const there = parse(read('monitoring/prometheus/prometheus.yml')) as Config;
  expect(here.global).toEqual(there.global);
  expect(here.alerting).toEqual(there.alerting);
  // Here one job of the file finds all services, and each pod's label names the job that its series carry.
  const services = serversOf(render(kind), ['api', 'http']).map((server) => server.split(':')[0]);
  const jobs = here.scrape_configs.flatMap(({ job_name }) => (job_name === 'services' ? services : [job_name]));
  expect(jobs.sort()).toEqual(there.scrape_configs.map(({ job_name }) => job_name).sort());
}, 60_000);

it('compose and Kubernetes run the same images', () => {
  const cluster = new Set(workloads(render(kind)).flatMap(({ pod }) => containersOf(pod).map(({ image }) => image)));
  const compose = new Set(Object.values(readCompose().services).map(({ image }) => image));
  expect([...cluster].sort()).toEqual([...compose].sort());
}, 60_000);

it('PostgreSQL and Redis have the sizes they were given, and Prometheus keeps a week', () => {
  const sets = new Map(workloads(render(targets[0] as Target)).map((workload) => [workload.id, workload]));
  const size = (id: string) => {
    const [claim] = (sets.get(id)?.manifest.spec?.volumeClaimTemplates ?? []) as Claim[];
    return claim?.spec.resources.requests.storage;
  };
  expect([size('StatefulSet/postgres'), size('StatefulSet/redis')]).toEqual(['10Gi', '5Gi']);
  expect(sets.get('StatefulSet/prometheus')?.pod.containers[0]?.args).toContain('--storage.tsdb.retention.time=7d');
}, 60_000);

interface Claim {
  spec: { resources: { requests: { storage: string } } };
}

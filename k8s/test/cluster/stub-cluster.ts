import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@valerix/system';
import { parse } from 'yaml';
import { type Manifest, ofKind } from '../manifests.ts';
import type { Live } from './cluster.ts';

type Fields = Record<string, unknown>;

/** Stands for a cluster and for the dashboard in it: keeps what is applied, and says that all of it works. It runs nothing. */
export class StubCluster {
  /** Sabotages: each must make a step fail. */
  refusesOrders = false;
  changesAtEachApply = false;
  failsJobs = false;
  ignoresCrashes = false;
  readonly #objects = new Map<string, Live>();
  readonly #kinds = new Map<string, Set<string>>([['batch/v1', new Set(['Job'])]]);
  #epoch = 0;
  #startedAt = Date.now();
  readonly #server: Server = createServer((req, res) => void this.#answer(req, res));

  static async start(manifests: readonly Manifest[]): Promise<StubCluster> {
    const stub = new StubCluster();
    for (const { apiVersion, kind } of manifests) {
      stub.#kinds.set(apiVersion, (stub.#kinds.get(apiVersion) ?? new Set()).add(kind));
    }
    await once(stub.#server.listen(0, '127.0.0.1'), 'listening');
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Writes a kubeconfig that leads here. @returns its path */
  kubeconfig(folder: string): string {
    const file = join(folder, 'kubeconfig');
    const cluster = { server: this.url, 'insecure-skip-tls-verify': true };
    const context = { name: 'stub', context: { cluster: 'stub', user: 'stub' } };
    const users = [{ name: 'stub', user: { token: 'stub' } }];
    const clusters = [{ name: 'stub', cluster }];
    writeFileSync(file, JSON.stringify({ 'current-context': 'stub', contexts: [context], clusters, users }));
    return file;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await this.#server[Symbol.asyncDispose]();
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of req) text += chunk;
    const { pathname, searchParams } = new URL(req.url ?? '', this.url);
    const body = text ? (parse(text) as Fields) : {};
    const refused = this.refusesOrders && pathname === '/api/orders';
    const answer =
      this.#shop(`${req.method} ${pathname}`) ??
      this.#resources(pathname) ??
      this.#pods(req.method ?? '', pathname, searchParams) ??
      this.#object(req.method ?? '', pathname, body);
    const headers = { 'content-type': 'application/json', 'set-cookie': 'session=stub' };
    res
      .writeHead(refused ? 503 : answer ? (pathname === '/api/orders' ? 201 : 200) : 404, headers)
      .end(JSON.stringify(answer ?? { message: 'not found' }));
  }

  #shop(what: string): unknown {
    if (what === 'POST /api/orders' || what.endsWith('/restock')) return {};
    if (what === 'POST /api/session') return { operator: true };
    if (what === 'GET /api/integrity') return { verdict: 'ok' };
    if (what === 'POST /api/admin/chaos/faults') {
      if (!this.ignoresCrashes) this.#startedAt += 1_000;
      return {};
    }
    if (what !== 'GET /api/admin/chaos') return undefined;
    return { replicas: [{ service: SERVICE_NAMES.at(-1), started_at: new Date(this.#startedAt).toISOString() }] };
  }

  #resources(path: string): unknown {
    const [, version = ''] = /^\/(?:api|apis)\/((?:[^/]+\/)?v\d[^/]*)$/.exec(path) ?? [];
    if (!version) return undefined;
    const kinds = [...(this.#kinds.get(version) ?? [])];
    const namespaced = (kind: string) => !['Namespace', 'ClusterRole', 'ClusterRoleBinding'].includes(kind);
    return { resources: kinds.map((kind) => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: namespaced(kind) })) };
  }

  #pods(method: string, path: string, query: URLSearchParams): unknown {
    if (path.endsWith('/eviction')) return {};
    if (path === '/api/v1/nodes') return { items: ['one', 'two'].map((name) => ({ metadata: { name }, spec: {} })) };
    if (path.startsWith('/api/v1/nodes/')) return {};
    if (!path.includes('/pods')) return undefined;
    if (method === 'DELETE') return { uid: this.#epoch++ };
    const app = /name=(.+)$/.exec(query.get('labelSelector') ?? '')?.[1];
    const names = ofKind([...this.#objects.values()], 'Deployment', 'StatefulSet').map(({ metadata }) => metadata.name);
    const items = names
      .filter((name) => app === undefined || name === app)
      .map((name) => ({
        metadata: { name: `${name}-0`, uid: `${name} ${this.#epoch}` },
        spec: { nodeName: name === 'postgres' ? 'one' : 'two' },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }));
    return { items };
  }

  #object(method: string, path: string, body: Fields): Live | undefined {
    if (method === 'POST') {
      const { metadata } = body as unknown as Manifest;
      const condition = { type: this.failsJobs ? 'Failed' : 'Complete', status: 'True' };
      const status = { conditions: [condition], ...(!this.failsJobs && { succeeded: 1 }) };
      this.#objects.set(`${path}/${metadata.name}`, { ...(body as unknown as Live), status });
      return body as unknown as Live;
    }
    const known = this.#objects.get(path);
    if (method === 'DELETE') {
      this.#objects.delete(path);
      return known;
    }
    if (method === 'PATCH') {
      const next = merged({ ...known }, body) as unknown as Live;
      const isSame = JSON.stringify(next.spec) === JSON.stringify(known?.spec) && !this.changesAtEachApply;
      const generation = (known?.metadata.generation ?? 0) + (isSame ? 0 : 1);
      this.#objects.set(path, { ...next, metadata: { ...next.metadata, generation } });
    }
    return withStatus(this.#objects.get(path));
  }
}

/** A workload is ready as soon as it is there. Without a number of replicas, an autoscaler keeps two. */
function withStatus(one: Live | undefined): Live | undefined {
  if (!one || !['Deployment', 'StatefulSet'].includes(one.kind)) return one;
  const replicas = Number(one.spec?.replicas ?? 2);
  const counts = { replicas, readyReplicas: replicas, updatedReplicas: replicas };
  return {
    ...one,
    spec: { ...one.spec, replicas },
    status: { observedGeneration: one.metadata.generation, ...counts },
  };
}

function merged(old: Fields, change: Fields): Fields {
  const isObject = (value: unknown): value is Fields =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const pairs = Object.entries(change).map(([key, value]) => [
    key,
    isObject(value) ? merged(isObject(old[key]) ? old[key] : {}, value) : value,
  ]);
  return { ...old, ...Object.fromEntries(pairs) };
}

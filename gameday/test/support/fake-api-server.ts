import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@valerix/system';

interface Pod {
  name: string;
  uid: string;
  restarts: number;
  /** How often it will still be seen unready. */
  unready: number;
}
interface Workload {
  plural: 'deployments' | 'statefulsets';
  replicas: number;
  pods: Pod[];
}
interface Chaos {
  spec: { action: string; selector: { pods?: Record<string, string[]> } };
  looks: number;
}
interface Answer {
  status: number;
  body: unknown;
}

/** An API server that knows pods, scales, and the objects of KEDA and Chaos Mesh, and replaces what is deleted after two looks. */
export class FakeApiServer {
  readonly requests: string[] = [];
  readonly tokens = new Set<string | undefined>();
  /** Requests about it are answered with 403. */
  forbidden: string | undefined;
  /** What scales to zero is scaled up at once, as by an autoscaler that nobody paused. */
  impatient = false;
  /** The ScaledObjects by name, true while paused; undefined: KEDA is not installed. */
  scalers: Map<string, boolean> | undefined;
  /** The objects of Chaos Mesh by `plural/name`; undefined: it is not installed. */
  chaos: Map<string, Chaos> | undefined;
  /** The bodies of all objects of Chaos Mesh that were ever created. */
  readonly created: unknown[] = [];
  /** False: Chaos Mesh never gets to its work. */
  injects = true;
  readonly workloads: Record<string, Workload> = {
    ...Object.fromEntries(SERVICE_NAMES.map((name) => [name, { plural: 'deployments', replicas: 2, pods: [] }])),
    postgres: { plural: 'statefulsets', replicas: 1, pods: [] },
    redis: { plural: 'statefulsets', replicas: 1, pods: [] },
  };
  readonly #killed = new Map<string, { left: number; die: () => void }>();
  #made = 0;
  readonly server: Server = createServer((req, res) => {
    const killed = this.#killed.get(req.headers.authorization ?? '');
    if (killed && killed.left-- <= 0) return killed.die();
    void this.#answer(req).then(({ status, body }) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  static async listen(): Promise<FakeApiServer> {
    const api = new FakeApiServer();
    for (const name of Object.keys(api.workloads)) api.#fill(name);
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** Writes a kubeconfig with this user. @returns its path */
  kubeconfig(folder: string, user: object): string {
    const file = join(folder, 'config');
    const config = {
      'current-context': 'one',
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: this.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From here on, the client with this token gets so many answers. @returns when it has asked for more, and gets none */
  kill(token: string, left: number): Promise<void> {
    return new Promise((die) => this.#killed.set(`Bearer ${token}`, { left, die }));
  }

  /** Of the inventory service. */
  get replicas(): number {
    return this.replicasOf('inventory-service');
  }

  replicasOf = (name: string): number => this.workloads[name]?.replicas ?? -1;

  scale(name: string, replicas: number): void {
    (this.workloads[name] as Workload).replicas = replicas;
    this.#fill(name);
  }

  /** The requests that a role must allow: verb, API group, and resource with its subresource. */
  get accesses(): { verb: string; group: string; resource: string }[] {
    const verbs: Record<string, string> = { POST: 'create', PATCH: 'patch', DELETE: 'delete', PUT: 'update' };
    return this.requests.flatMap((line) => {
      const [method = '', path = ''] = line.split(/[ ?]/);
      const [, group = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/namespaces\/[^/]+\/(.*)$/.exec(path) ?? [];
      const [resource, name, sub] = rest.split('/');
      // Every client may ask which kinds there are.
      if (!resource) return [];
      return [
        { verb: verbs[method] ?? (name ? 'get' : 'list'), group, resource: sub ? `${resource}/${sub}` : resource },
      ];
    });
  }

  #fill(name: string): void {
    const workload = this.workloads[name] as Workload;
    while (workload.pods.length < workload.replicas) {
      const letter = 'abcdefgh'[workload.pods.length];
      workload.pods.push({ name: `${name}-${letter}`, uid: String(this.#made++), restarts: 0, unready: 0 });
    }
    workload.pods.length = workload.replicas;
  }

  async #answer(req: IncomingMessage): Promise<Answer> {
    const { method = '' } = req;
    const url = decodeURIComponent(req.url ?? '');
    this.requests.push(`${method} ${url}`);
    this.tokens.add(req.headers.authorization);
    let text = '';
    for await (const chunk of req) text += chunk;
    if (this.forbidden && url.includes(this.forbidden)) return refusal(403, 'forbidden by the test');
    const body = text ? JSON.parse(text) : {};
    if (url.includes('/pods')) return this.#pods(method, url);
    if (url.endsWith('/scale')) return this.#scale(method, url, body);
    if (url.includes('/keda.sh/')) return this.#keda(method, url, body);
    if (url.includes('/chaos-mesh.org/')) return this.#chaosMesh(method, url, body);
    return refusal(404, 'not known');
  }

  #pods(method: string, url: string): Answer {
    const all = Object.values(this.workloads).flatMap(({ pods }) => pods);
    if (method === 'DELETE') {
      const name = /\/pods\/([^?]+)/.exec(url)?.[1];
      const pod = all.find((one) => one.name === name);
      if (pod) Object.assign(pod, { uid: String(this.#made++), restarts: 0, unready: 2 });
      return { status: 200, body: {} };
    }
    const app = /name=([a-z-]+)/.exec(url)?.[1] ?? '';
    const items = (this.workloads[app]?.pods ?? []).map((pod) => {
      const ready = pod.unready-- <= 0;
      const containerStatuses = [{ name: app, restartCount: pod.restarts, state: { running: {} } }];
      return {
        metadata: { name: pod.name, uid: pod.uid },
        spec: { containers: [{ name: app }] },
        status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], containerStatuses },
      };
    });
    return { status: 200, body: { items } };
  }

  #scale(method: string, url: string, body: { spec?: { replicas: number } }): Answer {
    const [, plural, name = ''] = /\/(deployments|statefulsets)\/([^/]+)\/scale$/.exec(url) ?? [];
    const workload = this.workloads[name];
    if (workload?.plural !== plural) return refusal(404, `${plural} "${name}" not found`);
    if (method === 'PATCH') {
      const wanted = body.spec?.replicas ?? 0;
      this.scale(name, wanted);
      if (wanted === 0 && (this.impatient || this.scalers?.get(name) === false)) this.scale(name, 1);
    }
    return { status: 200, body: { spec: { replicas: workload?.replicas } } };
  }

  #keda(method: string, url: string, body: { metadata?: { annotations: Record<string, string | null> } }): Answer {
    if (!this.scalers) return refusal(404, 'the server could not find the requested resource');
    const paused = 'autoscaling.keda.sh/paused';
    if (method === 'PATCH')
      this.scalers.set(url.split('/').at(-1) as string, body.metadata?.annotations[paused] === 'true');
    const items = [...this.scalers].map(([name, is]) => ({
      metadata: { name, annotations: is ? { [paused]: 'true' } : {} },
      spec: { scaleTargetRef: { name } },
    }));
    return { status: 200, body: { items } };
  }

  #chaosMesh(method: string, url: string, body: { metadata?: { name: string }; spec?: Chaos['spec'] }): Answer {
    if (!this.chaos) return refusal(404, 'the server could not find the requested resource');
    const [, plural, name] = /\/(podchaos|networkchaos)(?:\/([^/]+))?$/.exec(url) ?? [];
    if (!plural) return { status: 200, body: { resources: [] } };
    if (method === 'POST') {
      this.created.push(body);
      this.chaos.set(`${plural}/${body.metadata?.name}`, { spec: body.spec as Chaos['spec'], looks: 0 });
      return { status: 201, body };
    }
    const one = this.chaos.get(`${plural}/${name}`);
    if (!one) return refusal(404, `${plural} "${name}" not found`);
    if (method === 'DELETE') this.chaos.delete(`${plural}/${name}`);
    else if (this.injects && ++one.looks === 2) this.#inject(one);
    const conditions = [{ type: 'AllInjected', status: one.looks >= 2 ? 'True' : 'False' }];
    return { status: 200, body: { status: { conditions } } };
  }

  #inject({ spec }: Chaos): void {
    if (spec.action !== 'container-kill') return;
    const names = Object.values(spec.selector.pods ?? {}).flat();
    for (const { pods } of Object.values(this.workloads)) {
      for (const pod of pods)
        if (names.includes(pod.name)) Object.assign(pod, { restarts: pod.restarts + 1, unready: 1 });
    }
  }
}

const refusal = (status: number, message: string): Answer => ({ status, body: { message } });

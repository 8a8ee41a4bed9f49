import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** An API server that knows pods and scales, and replaces what is deleted after two looks. */
export class FakeApiServer {
  readonly requests: string[] = [];
  readonly tokens = new Set<string | undefined>();
  replicas = 2;
  /** Requests about it are answered with 403. */
  forbidden: string | undefined;
  /** Ready pods as last told. */
  ready = 2;
  #pods = ['a', 'b'];
  #looks = 0;
  readonly server: Server = createServer((req, res) => {
    void this.#answer(req).then(({ status, body }) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  static async listen(): Promise<FakeApiServer> {
    const api = new FakeApiServer();
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

  async #answer(req: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { method, url = '' } = req;
    this.requests.push(`${method} ${decodeURIComponent(url)}`);
    this.tokens.add(req.headers.authorization);
    let text = '';
    for await (const chunk of req) text += chunk;
    if (method === 'GET' && url.includes('/pods?')) return { status: 200, body: { items: this.#list(url) } };
    if (method === 'DELETE' && url.includes('/pods/')) {
      const name = url.split('/pods/')[1]?.split('?')[0];
      this.#pods = this.#pods.map((pod) => (pod === name ? `${pod}x` : pod));
      this.#looks = 0;
      return { status: 200, body: {} };
    }
    if (url.endsWith('/scale') && !url.includes('secret') && !(this.forbidden && url.includes(this.forbidden))) {
      const before = this.replicas;
      if (method === 'PATCH') this.replicas = JSON.parse(text).spec.replicas;
      return { status: 200, body: { spec: { replicas: before } } };
    }
    return { status: 403, body: { message: 'forbidden by the test' } };
  }

  #list(url: string) {
    if (!url.includes('inventory-service')) return [];
    const ready = this.#looks++ >= 2 || this.#pods.every((pod) => pod.length === 1);
    const pods = this.#pods.slice(0, this.replicas);
    this.ready = ready ? pods.length : 0;
    return pods.map((name) => ({
      metadata: { name, uid: `uid-${name}` },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    }));
  }
}

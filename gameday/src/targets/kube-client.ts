import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { parse as parseYaml } from 'yaml';
import { TargetError } from './target.ts';

export interface KubeAccess {
  server: string;
  token?: string | undefined;
  ca?: string | undefined;
  /** A client certificate instead of a token. */
  cert?: string | undefined;
  key?: string | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How to reach the API server: the pod's service account, or the current context of a kubeconfig. @throws {TargetError} */
export function kubeAccess(
  env: Readonly<Record<string, string | undefined>>,
  serviceAccount = SERVICE_ACCOUNT,
): KubeAccess {
  if (env.KUBERNETES_SERVICE_HOST && existsSync(join(serviceAccount, 'token'))) {
    return {
      server: `https://${env.KUBERNETES_SERVICE_HOST}:${env.KUBERNETES_SERVICE_PORT ?? 443}`,
      token: readFileSync(join(serviceAccount, 'token'), 'utf8').trim(),
      ca: readFileSync(join(serviceAccount, 'ca.crt'), 'utf8'),
    };
  }
  const file = env.KUBECONFIG ?? (env.HOME ? join(env.HOME, '.kube/config') : '');
  if (!existsSync(file)) throw new TargetError('There is no service account and no kubeconfig; set KUBECONFIG.');
  return accessOf(parseYaml(readFileSync(file, 'utf8')) as KubeConfig, file);
}

interface KubeConfig {
  'current-context'?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string | undefined> }[];
  users?: { name: string; user: Record<string, string | undefined> }[];
}

function accessOf(config: KubeConfig, file: string): KubeAccess {
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  if (!cluster?.server || !user) throw new TargetError(`${file} has no usable current context.`);
  const decoded = (owner: Record<string, string | undefined>, name: string) => {
    const data = owner[`${name}-data`];
    const path = owner[name];
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    return path ? readFileSync(path, 'utf8') : undefined;
  };
  const [cert, key] = [decoded(user, 'client-certificate'), decoded(user, 'client-key')];
  if (!user.token && !(cert && key)) {
    throw new TargetError(
      `The user of ${file} has neither a token nor a certificate; programs that fetch one are not run.`,
    );
  }
  return { server: cluster.server, token: user.token, ca: decoded(cluster, 'certificate-authority'), cert, key };
}

export interface KubeClient {
  /** One request to the API server. @throws {TargetError} with its message when it refuses */
  call<T>(method: 'GET' | 'DELETE' | 'PATCH', path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

export function createKubeClient({ server, token, ca, cert, key }: KubeAccess): KubeClient {
  const agent = new Agent({ connect: { ...(ca && { ca }), ...(cert && key && { cert, key }) } });
  return {
    async call<T>(method: 'GET' | 'DELETE' | 'PATCH', path: string, body?: unknown): Promise<T> {
      const response = await request(`${server}${path}`, {
        method,
        dispatcher: agent,
        headers: {
          accept: 'application/json',
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/strategic-merge-patch+json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(15_000),
      });
      const answer = (await response.body.json().catch(() => ({}))) as { message?: string };
      if (response.statusCode >= 400) {
        throw new TargetError(
          `The API server answered ${response.statusCode} to ${method} ${path}: ${answer.message ?? ''}`,
        );
      }
      return answer as T;
    },
    close: () => agent.destroy(),
  };
}

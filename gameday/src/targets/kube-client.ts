import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  KubeConfig,
  PatchStrategy,
  ServerConfiguration,
} from '@kubernetes/client-node';
import { TargetError } from './target.ts';

export { type KubernetesObject, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const TIMEOUT_MS = 15_000;

/**
 * How to reach the API server: the pod's service account, whose token is read again when it is renewed, or the current context
 * of a kubeconfig. A kubeconfig may name a program that fetches the credential, as doctl's does.
 * @param root where the service account's files are below, for tests @throws {TargetError}
 */
export function kubeConfig(env: Readonly<Record<string, string | undefined>>, root = ''): KubeConfig {
  const config = new KubeConfig();
  if (env.KUBERNETES_SERVICE_HOST && existsSync(`${root}${SERVICE_ACCOUNT_TOKEN}`)) {
    config.loadFromCluster(root);
    return config;
  }
  const file = env.KUBECONFIG ?? (env.HOME ? join(env.HOME, '.kube/config') : '');
  if (!existsSync(file)) throw new TargetError('There is no service account and no kubeconfig; set KUBECONFIG.');
  config.loadFromFile(file);
  if (!config.getCurrentCluster()?.server || !config.getCurrentUser()) {
    throw new TargetError(`${file} has no usable current context.`);
  }
  return config;
}

export type KubeClient = ReturnType<typeof createKubeClient>;

export function createKubeClient(config: KubeConfig) {
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        async pre(request) {
          request.setSignal(AbortSignal.timeout(TIMEOUT_MS));
          // The client's default, JSON Patch, expects a list of operations. Custom objects know no strategic merge.
          if (request.getHttpMethod() === 'PATCH') request.setHeaderParam('Content-Type', PatchStrategy.MergePatch);
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return {
    pods: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    custom: new CustomObjectsApi(configuration),
  };
}

/** The answer of the API server. @param what names the request in the error, such as `deleting the pod x` @throws {TargetError} when it refuses */
export async function answerOf<T>(what: string, request: Promise<T>): Promise<T> {
  return request.catch((error) => {
    if (!(error instanceof ApiException)) throw error;
    throw new TargetError(`The API server answered ${error.code} when ${what}: ${messageOf(error.body)}`);
  });
}

/** Likewise; undefined when the API server answers 404: the object does not exist, or the cluster has no such kind. */
export async function ifThere<T>(what: string, request: Promise<T>): Promise<T | undefined> {
  const orMissing = request.catch((error) => {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  });
  return answerOf(what, orMissing);
}

/** The message of a Status: an object, or its text when the client does not expect the code. */
function messageOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    return (JSON.parse(text) as { message?: string }).message ?? '';
  } catch {
    return text;
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  PatchStrategy,
  ServerConfiguration,
} from '@kubernetes/client-node';
import { TargetError } from './target.ts';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const TIMEOUT_MS = 15_000;

/**
 * How to reach the API server: the pod's service account, whose token is read again when it is renewed, or the current context
 * of a kubeconfig. A kubeconfig may name a program that fetches the credential, as doctl's does. @throws {TargetError}
 */
export function kubeConfig(env: Readonly<Record<string, string | undefined>>): KubeConfig {
  const config = new KubeConfig();
  if (env.KUBERNETES_SERVICE_HOST && existsSync(SERVICE_ACCOUNT_TOKEN)) {
    config.loadFromCluster();
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
          // The client's default, JSON Patch, expects a list of operations.
          if (request.getHttpMethod() === 'PATCH') {
            request.setHeaderParam('Content-Type', PatchStrategy.StrategicMergePatch);
          }
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return { pods: new CoreV1Api(configuration), deployments: new AppsV1Api(configuration) };
}

/** The answer of the API server. @param what names the request in the error, such as `deleting the pod x` @throws {TargetError} when it refuses */
export async function answerOf<T>(what: string, request: Promise<T>): Promise<T> {
  return request.catch((error) => {
    if (!(error instanceof ApiException)) throw error;
    throw new TargetError(`The API server answered ${error.code} when ${what}: ${messageOf(error.body)}`);
  });
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

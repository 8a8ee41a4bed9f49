import { randomBytes } from 'node:crypto';
import {
  databasePasswordVariable,
  databaseRole,
  databaseSecret,
  declaration,
  perService,
  recordOf,
  SECRET_VARIABLES,
  SERVICE_KEYS,
  type SecretVariable,
  type ServiceKey,
  secretVariables,
} from '@valerix/system';

/** The random values of one installation, by name. */
export interface Passwords {
  readonly postgres: string;
  readonly databases: Readonly<Record<ServiceKey, string>>;
  readonly redis: string;
  readonly operatorToken: string;
  /** The secrets of the services, by variable. */
  readonly services: Readonly<Record<SecretVariable, string>>;
  /** Of the first operator's account. */
  readonly dashboard: string;
  readonly session: string;
  readonly grafana: string;
}

/** The account that signs in with the dashboard's password, unless another operator exists. */
const FIRST_OPERATOR = 'operator@valerix.local';

/** Fresh passwords of 192 random bits each, in letters that need no escaping in a URL or a shell. */
export function randomPasswords(): Passwords {
  const random = () => randomBytes(24).toString('base64url');
  return {
    postgres: random(),
    databases: perService(random),
    redis: random(),
    operatorToken: random(),
    services: recordOf(SECRET_VARIABLES, random),
    dashboard: random(),
    session: randomBytes(36).toString('base64url'),
    grafana: random(),
  };
}

export type Variables = Readonly<Record<string, string>>;

/** The `.env` that docker-compose.yml reads. */
export function composeVariables(passwords: Passwords): Variables {
  return {
    POSTGRES_PASSWORD: passwords.postgres,
    ...forEachService((key) => [databasePasswordVariable(key), passwords.databases[key]]),
    REDIS_PASSWORD: passwords.redis,
    OPERATOR_TOKEN: passwords.operatorToken,
    ...passwords.services,
    DASHBOARD_PASSWORD: passwords.dashboard,
    SESSION_SECRET: passwords.session,
    GRAFANA_PASSWORD: passwords.grafana,
  };
}

/** The Secrets of Kubernetes by name: each pod mounts its own and sees no other. */
export function kubernetesSecrets(passwords: Passwords): Readonly<Record<string, Variables>> {
  const redisUrl = `redis://:${encodeURIComponent(passwords.redis)}@redis:6379`;
  const databaseUrl = (key: ServiceKey) =>
    `postgres://${databaseRole(key)}:${encodeURIComponent(passwords.databases[key])}@postgres:5432/${declaration(key).database}`;
  return {
    'postgres-superuser': { username: 'postgres', password: passwords.postgres },
    redis: { password: passwords.redis },
    ...forEachService((key) => [
      databaseSecret(key),
      { username: databaseRole(key), password: passwords.databases[key] },
    ]),
    ...forEachService((key) => [
      declaration(key).name,
      {
        DATABASE_URL: databaseUrl(key),
        REDIS_URL: redisUrl,
        OPERATOR_TOKEN: passwords.operatorToken,
        ...recordOf(secretVariables(key), (name) => passwords.services[name]),
        ...(key === 'identity' && {
          FIRST_OPERATOR_EMAIL: FIRST_OPERATOR,
          FIRST_OPERATOR_PASSWORD: passwords.dashboard,
        }),
      },
    ]),
    frontend: {
      OPERATOR_TOKEN: passwords.operatorToken,
      SESSION_SECRET: passwords.session,
    },
    grafana: { 'admin-password': passwords.grafana },
    // Where alerts are sent besides the dashboard. Nothing listens at this address: put your own there.
    alertmanager: { 'webhook-url': 'http://127.0.0.1:9/alerts' },
  };
}

const forEachService = <T>(entry: (key: ServiceKey) => [string, T]): Record<string, T> =>
  Object.fromEntries(SERVICE_KEYS.map(entry));

/** The kustomization that makes Secrets of the dotenv files beside it, one for each. */
export function secretsKustomization(secrets: Readonly<Record<string, Variables>>): string {
  const lines = Object.entries(secrets).flatMap(([name, values]) => [
    `  - name: ${name}`,
    // CloudNativePG accepts a role's name and password only in this form.
    ...('username' in values ? ['    type: kubernetes.io/basic-auth'] : []),
    `    envs: [${name}.env]`,
  ]);
  return `# Written by "make secrets", as the files beside it.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: valerix
secretGenerator:
${lines.join('\n')}
`;
}

/** A dotenv file. */
export function dotenv(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

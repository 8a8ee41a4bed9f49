import { randomBytes } from 'node:crypto';

/** The random values of one installation, by name. */
export interface Passwords {
  readonly postgres: string;
  readonly orderDatabase: string;
  readonly inventoryDatabase: string;
  readonly redis: string;
  readonly operatorToken: string;
  readonly dashboard: string;
  readonly session: string;
  readonly grafana: string;
}

/** Fresh passwords of 192 random bits each, in letters that need no escaping in a URL or a shell. */
export function randomPasswords(): Passwords {
  const random = () => randomBytes(24).toString('base64url');
  return {
    postgres: random(),
    orderDatabase: random(),
    inventoryDatabase: random(),
    redis: random(),
    operatorToken: random(),
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
    ORDER_DB_PASSWORD: passwords.orderDatabase,
    INVENTORY_DB_PASSWORD: passwords.inventoryDatabase,
    REDIS_PASSWORD: passwords.redis,
    OPERATOR_TOKEN: passwords.operatorToken,
    DASHBOARD_PASSWORD: passwords.dashboard,
    SESSION_SECRET: passwords.session,
    GRAFANA_PASSWORD: passwords.grafana,
  };
}

/** The Secrets of Kubernetes by name: each pod mounts its own and sees no other. */
export function kubernetesSecrets(passwords: Passwords): Readonly<Record<string, Variables>> {
  const redisUrl = `redis://:${passwords.redis}@redis:6379`;
  const databaseUrl = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@postgres:5432/${database}`;
  return {
    'postgres-superuser': { username: 'postgres', password: passwords.postgres },
    'order-db': { username: 'order_service', password: passwords.orderDatabase },
    'inventory-db': { username: 'inventory_service', password: passwords.inventoryDatabase },
    redis: { password: passwords.redis },
    'order-service': {
      DATABASE_URL: databaseUrl('order_service', passwords.orderDatabase, 'order_db'),
      REDIS_URL: redisUrl,
      OPERATOR_TOKEN: passwords.operatorToken,
    },
    'inventory-service': {
      DATABASE_URL: databaseUrl('inventory_service', passwords.inventoryDatabase, 'inventory_db'),
      REDIS_URL: redisUrl,
      OPERATOR_TOKEN: passwords.operatorToken,
    },
    frontend: {
      OPERATOR_TOKEN: passwords.operatorToken,
      DASHBOARD_PASSWORD: passwords.dashboard,
      SESSION_SECRET: passwords.session,
    },
    grafana: { 'admin-password': passwords.grafana },
    // Where alerts are sent besides the dashboard. Nothing listens at this address: put your own there.
    alertmanager: { 'webhook-url': 'http://127.0.0.1:9/alerts' },
  };
}

/** A dotenv file. */
export function dotenv(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

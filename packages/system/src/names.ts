import { type CompanionKey, SERVICES, type ServiceKey } from './services.ts';

export type UrlVariable<K extends ServiceKey | CompanionKey = ServiceKey | CompanionKey> = `${Uppercase<K>}_URL`;
export type DatabaseUrlVariable<K extends ServiceKey = ServiceKey> = `${Uppercase<K>}_DATABASE_URL`;
export type PortVariable<K extends ServiceKey | CompanionKey = ServiceKey | CompanionKey> = `${Uppercase<K>}_PORT`;

const upper = <K extends string>(key: K) => key.toUpperCase() as Uppercase<K>;

/** The variable that holds a process's address: `ORDER_URL`. */
export const urlVariable = <K extends ServiceKey | CompanionKey>(key: K): UrlVariable<K> => `${upper(key)}_URL`;

/** The variable that holds the address behind which every replica of a service is found: `ORDER_REPLICAS_URL`. */
export const replicasUrlVariable = <K extends ServiceKey>(key: K) => `${upper(key)}_REPLICAS_URL` as const;

/** The variable that holds the address of a service's database: `ORDER_DATABASE_URL`. */
export const databaseUrlVariable = <K extends ServiceKey>(key: K): DatabaseUrlVariable<K> =>
  `${upper(key)}_DATABASE_URL`;

/** The variable that sets a process's port: `ORDER_PORT`. */
export const portVariable = <K extends ServiceKey | CompanionKey>(key: K): PortVariable<K> => `${upper(key)}_PORT`;

/** The variable that holds the password of a service's database role, in compose and Kubernetes: `ORDER_DB_PASSWORD`. */
export const databasePasswordVariable = <K extends ServiceKey>(key: K) => `${upper(key)}_DB_PASSWORD` as const;

/** The role that owns a service's database: `order_service`. */
export const databaseRole = (key: ServiceKey): string => SERVICES[key].name.replaceAll('-', '_');

/** The Secret that holds a database role and its password, in Kubernetes: `order-db`. */
export const databaseSecret = <K extends ServiceKey>(key: K) => `${key}-db` as const;

/** The address of a service in compose and Kubernetes: `http://order-service:3001`. */
export const serviceUrl = (key: ServiceKey): string => `http://${SERVICES[key].name}:${SERVICES[key].port}`;

/** The headless Service of Kubernetes whose name has the address of every replica: `order-service-replicas`. */
export const replicasName = (key: ServiceKey) => `${SERVICES[key].name}-replicas` as const;

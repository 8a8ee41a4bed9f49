import { callersOf, declaration, SERVICE_KEYS } from './graph.ts';
import { type CompanionKey, SERVICES, type ServiceKey } from './services.ts';

export type UrlVariable<K extends ServiceKey | CompanionKey = ServiceKey | CompanionKey> = `${Uppercase<K>}_URL`;
export type DatabaseUrlVariable<K extends ServiceKey = ServiceKey> = `${Uppercase<K>}_DATABASE_URL`;
export type PortVariable<K extends ServiceKey | CompanionKey = ServiceKey | CompanionKey> = `${Uppercase<K>}_PORT`;

type Called<K extends ServiceKey> = (typeof SERVICES)[K]['calls'][number];
/** The variable with the credential of one service for another that it calls; one per edge of `calls`. */
export type CredentialVariable = {
  [K in ServiceKey]: Called<K> extends infer C extends string ? `${Uppercase<K>}_TO_${Uppercase<C>}_CREDENTIAL` : never;
}[ServiceKey];
type OwnSecret = {
  [K in ServiceKey]: (typeof SERVICES)[K] extends { secrets: readonly (infer S)[] } ? S : never;
}[ServiceKey];
/** A variable whose random value `make up` and `make secrets` choose once for an installation. */
export type SecretVariable = CredentialVariable | OwnSecret;

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
export const databaseRole = (key: ServiceKey): string => `${key}_service`;

/** The Secret that holds a database role and its password, in Kubernetes: `order-db`. */
export const databaseSecret = <K extends ServiceKey>(key: K) => `${key}-db` as const;

/** The address of a service in compose and Kubernetes: `http://order-service:3001`. */
export const serviceUrl = (key: ServiceKey): string => `http://${SERVICES[key].name}:${SERVICES[key].port}`;

/** The headless Service of Kubernetes whose name has the address of every replica: `order-service-replicas`. */
export const replicasName = (key: ServiceKey) => `${SERVICES[key].name}-replicas` as const;

/** The variable with a caller's credential for a service that it calls: `ORDER_TO_INVENTORY_CREDENTIAL`. */
export const credentialVariable = (caller: ServiceKey, called: ServiceKey) =>
  `${upper(caller)}_TO_${upper(called)}_CREDENTIAL` as CredentialVariable;

/** The secrets that a service is given: its own, those it shows to others, and those it knows its callers by. */
export const secretVariables = (key: ServiceKey): SecretVariable[] => [
  ...((declaration(key).secrets ?? []) as OwnSecret[]),
  ...declaration(key).calls.map((called) => credentialVariable(key, called)),
  ...callersOf(key).map((caller) => credentialVariable(caller, key)),
];

/** The secrets of all services, each once. */
export const SECRET_VARIABLES: readonly SecretVariable[] = [...new Set(SERVICE_KEYS.flatMap(secretVariables))];

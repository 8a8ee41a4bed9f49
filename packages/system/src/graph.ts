import {
  COMPANIONS,
  type CompanionKey,
  SERVICES,
  type ServiceDeclaration,
  type ServiceKey,
  type ServiceName,
} from './services.ts';

export interface Service extends ServiceDeclaration {
  name: ServiceName;
  calls: readonly ServiceKey[];
  notifies?: readonly ServiceKey[];
}

/** The declaration of a service, with the types that all services share. */
export const declaration = (key: ServiceKey): Service => SERVICES[key];

const declared = Object.keys(SERVICES) as ServiceKey[];

/**
 * The services in waves. The services of a wave start together, after all services they call. They stop in reverse.
 * @throws Error when services call each other in a circle
 */
export function startWaves(): ServiceKey[][] {
  const waves: ServiceKey[][] = [];
  const placed = new Set<ServiceKey>();
  while (placed.size < declared.length) {
    const wave = declared.filter(
      (key) => !placed.has(key) && declaration(key).calls.every((called) => placed.has(called)),
    );
    if (wave.length === 0) {
      const left = declared.filter((key) => !placed.has(key));
      throw new Error(`These services call each other in a circle: ${left.join(', ')}.`);
    }
    for (const key of wave) placed.add(key);
    waves.push(wave);
  }
  return waves;
}

/** Every service; each comes after the services it calls. */
export const SERVICE_KEYS: readonly ServiceKey[] = startWaves().flat();

export const COMPANION_KEYS = Object.keys(COMPANIONS) as readonly CompanionKey[];

export const SERVICE_NAMES = SERVICE_KEYS.map((key) => declaration(key).name) as [ServiceName, ...ServiceName[]];

/** The key of the service with this name. @throws Error for a name that no service has */
export function serviceKey(name: ServiceName): ServiceKey {
  const key = SERVICE_KEYS.find((candidate) => declaration(candidate).name === name);
  if (!key) throw new Error(`No service is called "${name}".`);
  return key;
}

const isOptional = (key: ServiceKey): boolean => declaration(key).optional !== undefined;

/** The services that no installation does without. */
export const MANDATORY_KEYS: readonly ServiceKey[] = SERVICE_KEYS.filter((key) => !isOptional(key));

/** The services that an installation may do without. */
export const OPTIONAL_KEYS: readonly ServiceKey[] = SERVICE_KEYS.filter(isOptional);

/** The services that call this one. */
export const callersOf = (key: ServiceKey): ServiceKey[] =>
  SERVICE_KEYS.filter((candidate) => declaration(candidate).calls.includes(key));

/** The service that signs access tokens; every other one reads its keys. */
const ISSUER: ServiceKey = 'identity';

/** The services whose addresses a service is given: those that it calls or notifies, and the issuer. */
export const addressesFor = (key: ServiceKey): readonly ServiceKey[] =>
  [...new Set<ServiceKey>([...declaration(key).calls, ...(declaration(key).notifies ?? []), ISSUER])].filter(
    (other) => other !== key,
  );

/** The services that are given the address of this one. */
export const addressedBy = (key: ServiceKey): ServiceKey[] =>
  SERVICE_KEYS.filter((candidate) => addressesFor(candidate).includes(key));

/** One value per service. */
export const perService = <T>(make: (key: ServiceKey) => T): Record<ServiceKey, T> => recordOf(SERVICE_KEYS, make);

/** One value per key. */
export function recordOf<K extends string, T>(keys: readonly K[], make: (key: K) => T): Record<K, T> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, T>;
}

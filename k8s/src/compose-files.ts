import {
  addressesFor,
  databasePasswordVariable,
  databaseRole,
  declaration,
  MANDATORY_KEYS,
  portVariable,
  SERVICE_KEYS,
  type ServiceKey,
  secretVariables,
  serviceUrl,
  urlVariable,
} from '@valerix/system';
import { withRegion } from './region.ts';

/** A variable that `make secrets` writes. Compose refuses to start without it. */
const secret = (name: string): string => `\${${name}:?run "make secrets"}`;

/**
 * The address of a service for one that runs in any case: unset while the profile of an optional service is off. Compose sees
 * the profiles of `.env` or the environment, not those of its command line.
 */
const address = (key: ServiceKey): string =>
  declaration(key).optional ? `\${COMPOSE_PROFILES:+${serviceUrl(key)}}` : serviceUrl(key);

/** docker-compose.yml with the blocks of the declared services and the references to them. */
export function composeFile(text: string, version: string): string {
  const tagged = text.replaceAll(/(image: valerix\/[a-z-]+):\S+/g, `$1:${version}`);
  return SERVICE_KEYS.reduce(
    (all, key) => withRegion(all, declaration(key).name, serviceBlock(key, version), 'frontend:'),
    withRegion(tagged, 'addresses and passwords of the services', sharedLines()),
  );
}

/** docker-compose.ports.yml: every service on its own port of this machine. */
export const composePortsFile = (text: string): string =>
  withRegion(
    text,
    'services',
    SERVICE_KEYS.flatMap((key) => [
      `${declaration(key).name}:`,
      `  ports: ["127.0.0.1:\${${portVariable(key)}:-${declaration(key).port}}:${declaration(key).port}"]`,
      '  networks: [edge]',
    ]),
  );

const sharedLines = (): string[] => [
  'x-database-passwords: &database-passwords',
  ...SERVICE_KEYS.map((key) => `  ${databasePasswordVariable(key)}: ${secret(databasePasswordVariable(key))}`),
  'x-service-urls: &service-urls',
  ...SERVICE_KEYS.map((key) => `  ${urlVariable(key)}: ${address(key)}`),
  'x-services-healthy: &services-healthy',
  ...MANDATORY_KEYS.map((key) => `  ${declaration(key).name}: { condition: service_healthy }`),
];

/** The environment comes last: lines below the region can add to it. */
function serviceBlock(key: ServiceKey, version: string): string[] {
  const { name, database, optional } = declaration(key);
  // Keep the password out of the address: its characters may have a meaning there.
  const databaseUrl = `postgres://${databaseRole(key)}@postgres:5432/${database}`;
  const password = secret(databasePasswordVariable(key));
  const image = [
    `  image: valerix/${name}:${version}`,
    `  build: { context: ., args: { SERVICE: ${name} } }`,
    ...(optional ? [`  profiles: [${optional}]`] : []),
  ];
  return [
    `${key}-migrate:`,
    '  <<: *migration',
    ...image,
    '  environment:',
    `    DATABASE_URL: ${databaseUrl}`,
    `    DATABASE_PASSWORD: ${password}`,
    '',
    `${name}:`,
    '  <<: *service',
    ...image,
    '  networks: [data, app]',
    '  # Not the services that it calls: each starts, and answers what it can, without the others.',
    '  depends_on:',
    '    redis: { condition: service_healthy }',
    `    ${key}-migrate: { condition: service_completed_successfully }`,
    '  environment:',
    `    DATABASE_URL: ${databaseUrl}`,
    `    DATABASE_PASSWORD: ${password}`,
    '    REDIS_URL: redis://redis:6379',
    `    REDIS_PASSWORD: ${secret('REDIS_PASSWORD')}`,
    `    OPERATOR_TOKEN: ${secret('OPERATOR_TOKEN')}`,
    ...secretVariables(key).map((name) => `    ${name}: ${secret(name)}`),
    `    ACCESS: \${ACCESS:-open}`,
    `    CHAOS: \${CHAOS:-on}`,
    `    RETENTION: \${RETENTION:-off}`,
    `    TRUSTED_PROXIES: \${TRUSTED_PROXIES:-loopback,private}`,
    ...['LIMIT_READS', 'LIMIT_WRITES', 'LIMIT_SIGN_IN'].map((name) => `    ${name}: \${${name}:-}`),
    ...addressesFor(key).map(
      (called) => `    ${urlVariable(called)}: ${optional ? serviceUrl(called) : address(called)}`,
    ),
  ];
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { databaseSecret, declaration, perService, SECRET_VARIABLES, SERVICE_KEYS } from '@valerix/system';
import {
  composeVariables,
  dotenv,
  kubernetesSecrets,
  type Passwords,
  randomPasswords,
  secretsKustomization,
  type Variables,
} from './secrets.ts';

/** The overlays with Secrets: each is a separate installation with its own passwords. */
export const overlays = ['kind', 'doks'] as const;

/**
 * Writes the secrets of every kind of installation below `root`: `.env` for compose, one file per Secret for each
 * overlay. Existing values stay; missing ones, such as the password of a new service, are added.
 * @returns a line per installation.
 * @throws Error when a missing file cannot be made to fit the existing ones, or compose would change a password
 */
export function writeSecrets(root: string): string[] {
  return [writeCompose(root), ...overlays.map((name) => writeOverlay(root, name))];
}

function writeCompose(root: string): string {
  const path = join(root, '.env');
  const there = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const variables = Object.entries(composeVariables(randomPasswords()));
  for (const [name] of variables) refuseInterpolation(name, there);
  const missing = variables.filter(([name]) => !new RegExp(`^${name}=`, 'm').test(there));
  const added = missing.map(([name]) => name).join(', ');
  if (missing.length === 0) return '.env: kept as it is';
  const start = there === '' || there.endsWith('\n') ? there : `${there}\n`;
  writeFileSync(path, start + dotenv(Object.fromEntries(missing)), { mode: 0o600 });
  return there === '' ? '.env: written' : `.env: ${added} added`;
}

/** Compose replaces $NAME in a value that is not in single quotes, and cuts it off at a #. */
function refuseInterpolation(name: string, text: string): void {
  const value = new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  if (/^'[^']*'$/.test(value) || !/[$#'"`\\\s]/.test(value)) return;
  throw new Error(`.env: put the value of ${name} into single quotes, or compose reads another one.`);
}

/** The Secrets of one overlay. @returns what was done, in a line. */
export function writeOverlay(root: string, name: string): string {
  const folder = join('k8s/overlays', name, 'secrets');
  mkdirSync(join(root, folder), { recursive: true });
  const fileOf = (secret: string) => join(root, folder, `${secret}.env`);
  const there = (secret: string): Variables =>
    existsSync(fileOf(secret)) ? (parseEnv(readFileSync(fileOf(secret), 'utf8')) as Variables) : {};
  const secrets = kubernetesSecrets(knownPasswords(there));
  const missing = Object.keys(secrets).filter((secret) => !existsSync(fileOf(secret)));
  // The two files of a new service are made together. Any other missing file had a password that is still used elsewhere.
  const ofNewServices = SERVICE_KEYS.map((key): string[] => [databaseSecret(key), declaration(key).name])
    .filter((pair) => pair.every((secret) => missing.includes(secret)))
    .flat();
  const lost = missing.filter((secret) => !ofNewServices.includes(secret)).map((secret) => `${secret}.env`);
  if (missing.length < Object.keys(secrets).length && lost.length > 0) {
    throw new Error(`${folder} is incomplete: ${lost.join(', ')} missing. Restore them, or delete the rest too.`);
  }
  // `wx`: never overwrite a file that another process wrote meanwhile.
  for (const secret of missing)
    writeFileSync(fileOf(secret), dotenv(secrets[secret] ?? {}), { mode: 0o600, flag: 'wx' });
  const completed = Object.entries(secrets).filter(([secret, values]) => complete(fileOf(secret), values));
  writeFileSync(join(root, folder, 'kustomization.yaml'), secretsKustomization(secrets));
  if (lost.length > 0) return `${folder}: written`;
  const said = [
    ...(missing.length > 0 ? [`${ofNewServices.join(', ')} added`] : []),
    ...completed.map(([secret]) => `${secret} completed`),
  ];
  return `${folder}: ${said.join(', ') || 'kept as it is'}`;
}

/** Adds the variables that a newer version needs to a file of an older one. @returns true if some were missing */
function complete(file: string, values: Variables): boolean {
  const text = readFileSync(file, 'utf8');
  const there = parseEnv(text);
  const missing = Object.entries(values).filter(([name]) => there[name] === undefined);
  if (missing.length === 0) return false;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  writeFileSync(file, start + dotenv(Object.fromEntries(missing)), { mode: 0o600 });
  return true;
}

/** The passwords of the existing Secrets, and random ones for the rest. */
function knownPasswords(there: (secret: string) => Variables): Passwords {
  const random = randomPasswords();
  const ofServices = SERVICE_KEYS.map((key) => there(declaration(key).name));
  const known = Object.fromEntries(
    SECRET_VARIABLES.flatMap((name) => {
      const value = ofServices.find((values) => values[name])?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return {
    ...random,
    redis: there('redis').password ?? random.redis,
    operatorToken: there('frontend').OPERATOR_TOKEN ?? random.operatorToken,
    // An older version kept it with the dashboard.
    dashboard:
      there('identity-service').FIRST_OPERATOR_PASSWORD ?? there('frontend').DASHBOARD_PASSWORD ?? random.dashboard,
    databases: perService((key) => there(databaseSecret(key)).password ?? random.databases[key]),
    // A credential is in the Secrets of both its services.
    services: { ...random.services, ...known },
  };
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '../..');
  const program = commandLine('npx node k8s/src/write-secrets.ts')
    .description(
      'Writes random passwords: .env for docker compose, and k8s/overlays/*/secrets for Kubernetes. It keeps existing passwords and adds those ' +
        'of a new service or version.',
    )
    .action(() => {
      try {
        for (const line of writeSecrets(root)) console.log(line);
      } catch (error) {
        console.error(`${relative(root, import.meta.filename)}: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    });
  await carryOut(program);
}

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a stack keeps what: the one list of paths below `.valerix/`. */
export interface Home {
  path: string;
  /** One JSON file per process that runs, and the supervisor's lock. */
  run: string;
  logs: string;
  redis: string;
  postgres: string;
  /** Names the folder of the database cluster when it could not be kept in `postgres`. */
  postgresElsewhere: string;
  passwordFile: string;
  envFile: string;
}

export function homeAt(given: string): Home {
  // One name per home: a cluster's postmaster is known by the folder it was started with.
  const path = existsSync(given) ? realpathSync(given) : given;
  return {
    path,
    run: join(path, 'run'),
    logs: join(path, 'logs'),
    redis: join(path, 'redis'),
    postgres: join(path, 'postgres'),
    postgresElsewhere: join(path, 'postgres-elsewhere'),
    passwordFile: join(path, 'postgres-password'),
    envFile: join(path, 'env'),
  };
}

/** Creates the folders. 711: the database's user must pass through, and need not look around. */
export function createHome(path: string): Home {
  mkdirSync(path, { recursive: true });
  const home = homeAt(path);
  chmodSync(home.path, 0o711);
  for (const folder of [home.run, home.logs, home.redis]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return home;
}

/** Writes a file whole or not at all, readable by its owner only. */
export function writePrivately(file: string, text: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** The secret in `file`, made on first use and kept from then on. */
export function keptSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomSecret();
  writePrivately(file, `${secret}\n`);
  return secret;
}

/** 192 random bits that need no escaping in a URL. */
export const randomSecret = (): string => randomBytes(24).toString('base64url');

/** A short name for a home, the same on every start. */
export function homeHash(home: Home): string {
  return createHash('sha256').update(home.path).digest('hex').slice(0, 12);
}

import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Disk } from './disk.ts';

export type Home = ReturnType<typeof homeAt>;

/** The paths of a stack below `.valerix/`, all listed here. */
export function homeAt(given: string) {
  // Resolve links: a postmaster is recognised by the folder it was started with, so a home needs one name.
  const path = existsSync(given) ? realpathSync(given) : given;
  return {
    path,
    /** Holds one JSON file per running process, and the supervisor's lock. */
    run: join(path, 'run'),
    logs: join(path, 'logs'),
    redis: join(path, 'redis'),
    postgres: join(path, 'postgres'),
    /** A file that names the folder of the database cluster, if the cluster could not be kept in `postgres`. */
    postgresElsewhere: join(path, 'postgres-elsewhere'),
    passwordFile: join(path, 'postgres-password'),
    envFile: join(path, 'env'),
    /** Writes the files that a running stack can do without. */
    disk: new Disk(),
  };
}

/** Creates the folders. Mode 711: the database's user must pass through the home but not list it. */
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

/** The secret in `file`, created on first use. */
export function keptSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomSecret();
  writePrivately(file, `${secret}\n`);
  return secret;
}

/** 192 random bits that need no escaping in a URL. */
export const randomSecret = (): string => randomBytes(24).toString('base64url');

/** A short name for a home, stable across starts. */
export function homeHash(home: Home): string {
  return createHash('sha256').update(home.path).digest('hex').slice(0, 12);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, repoRoot } from '../config.ts';
import { runScript } from '../machine/run-command.ts';

/** True when the service has migrations. */
export const hasMigrations = (folder: string): boolean => existsSync(join(repoRoot, folder, 'src/migrate.ts'));

/**
 * Runs the migrations of a service on a database.
 * @throws Error with the last lines of its output
 */
export function migrate(
  folder: string,
  databaseUrl: string,
  env: Env,
  onOutput?: (output: string) => void,
): Promise<void> {
  return runScript({
    what: `The migrations of ${folder}`,
    folder,
    script: 'src/migrate.ts',
    env: { ...env, DATABASE_URL: databaseUrl },
    timeout_ms: 120_000,
    onOutput,
  });
}

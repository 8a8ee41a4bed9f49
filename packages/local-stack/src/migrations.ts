import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, repoRoot } from './config.ts';
import { runCommand } from './run-command.ts';

/** True when the service has migrations to run. */
export const hasMigrations = (folder: string): boolean => existsSync(join(repoRoot, folder, 'src/migrate.ts'));

/**
 * Runs the migrations of a service on a database.
 * @throws Error with the last lines of what it said.
 */
export async function migrate(folder: string, databaseUrl: string, env: Env, logFile?: string): Promise<void> {
  const { code, output } = await runCommand(process.execPath, ['src/migrate.ts'], {
    cwd: join(repoRoot, folder),
    env: { ...env, DATABASE_URL: databaseUrl },
    timeout_ms: 120_000,
  });
  if (logFile) writeFileSync(logFile, `${output}\n`, { mode: 0o600 });
  if (code === 0) return;
  const lines = output
    .split('\n')
    .slice(-20)
    .map((line) => `  ${line}`);
  throw new Error(`The migrations of ${folder} failed (exit code ${code}). Their last lines:\n${lines.join('\n')}`);
}

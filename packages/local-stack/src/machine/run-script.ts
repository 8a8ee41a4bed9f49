import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, repoRoot } from '../config.ts';
import { runCommand } from './run-command.ts';

export interface ScriptRun {
  /** For the error: "The migrations of order-service". */
  what: string;
  folder: string;
  /** Path of the script in the folder. */
  script: string;
  env: Env;
  timeout_ms: number;
  logFile?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Runs a script of a service to its end.
 * @throws Error with the last lines of what it said.
 */
export async function runScript({ what, folder, script, env, timeout_ms, logFile, signal }: ScriptRun): Promise<void> {
  const { code, output } = await runCommand(process.execPath, [script], {
    cwd: join(repoRoot, folder),
    env,
    timeout_ms,
    signal,
  });
  if (logFile) writeFileSync(logFile, `${output}\n`, { mode: 0o600 });
  if (code === 0) return;
  const lines = output
    .split('\n')
    .slice(-20)
    .map((line) => `  ${line}`);
  throw new Error(`${what} failed (exit code ${code}). The last lines:\n${lines.join('\n')}`);
}

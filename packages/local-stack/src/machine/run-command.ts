import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Env, repoRoot } from '../config.ts';
import { trySignal } from './after-crash.ts';
import type { SystemUser } from './system-user.ts';

export interface CommandOptions {
  cwd?: string;
  env?: Env;
  user?: SystemUser;
  timeout_ms?: number;
  /** On abort, the command and its children get a SIGTERM. */
  signal?: AbortSignal | undefined;
}

export interface CommandResult {
  code: number | null;
  /** stdout and stderr, interleaved as they were written. */
  output: string;
}

/**
 * Runs a command to its end and returns its output; the caller judges the exit code.
 * @throws Error when it cannot be started
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = execa(command, args, {
    ...spawnOptions(options),
    ...(options.env && { extendEnv: false }),
    stdin: 'ignore',
    all: true,
    reject: false,
  });
  const giveUp = () => child.pid !== undefined && trySignal(-child.pid, 'SIGTERM');
  options.signal?.addEventListener('abort', giveUp);
  const { exitCode, all, cause } = await child;
  options.signal?.removeEventListener('abort', giveUp);
  if (child.pid === undefined) throw cause;
  return { code: exitCode ?? null, output: all.trim() };
}

/** True when the command exits with code 0 within 10 s. (execaSync cannot detach a command.) */
export function succeeds(command: string, args: readonly string[], options: CommandOptions = {}): boolean {
  return spawnSync(command, args, { ...spawnOptions(options), timeout: 10_000 }).status === 0;
}

export interface ScriptRun extends CommandOptions {
  /** For the error: "The build of the dashboard". */
  what: string;
  folder: string;
  /** Path of the script in the folder. */
  script: string;
  /** Receives what it wrote. */
  onOutput?: ((output: string) => void) | undefined;
}

/**
 * Runs a script of a service to its end.
 * @throws Error with the last lines of its output
 */
export async function runScript({ what, folder, script, onOutput, ...options }: ScriptRun): Promise<void> {
  const { code, output } = await runCommand(process.execPath, [script], { cwd: join(repoRoot, folder), ...options });
  onOutput?.(`${output}\n`);
  if (code === 0) return;
  const lines = output.split('\n').slice(-20).join('\n  ');
  throw new Error(`${what} failed (exit code ${code}). The last lines:\n  ${lines}`);
}

function spawnOptions({ cwd, env, user, timeout_ms }: CommandOptions) {
  return {
    ...(cwd !== undefined && { cwd }),
    ...(env && { env: env as NodeJS.ProcessEnv }),
    ...(timeout_ms !== undefined && { timeout: timeout_ms }),
    ...(user?.switched && { uid: user.uid, gid: user.gid }),
    // Detach it from the terminal's Ctrl-C: stopping a second later is better than a half-made database.
    detached: true,
  };
}

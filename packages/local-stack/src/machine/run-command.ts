import { spawn, spawnSync } from 'node:child_process';
import type { Env } from '../config.ts';
import { trySignal } from './after-crash.ts';
import type { SystemUser } from './system-user.ts';

export interface CommandOptions {
  cwd?: string;
  env?: Env;
  user?: SystemUser;
  timeout_ms?: number;
  /** Aborted: the command, and what it has started, are told to end. */
  signal?: AbortSignal | undefined;
}

export interface CommandResult {
  code: number | null;
  /** Both streams, as they came. */
  output: string;
}

/** Runs a command to its end and hands back what it said; the caller judges the exit code. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, spawnOptions(options));
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const giveUp = () => child.pid !== undefined && trySignal(-child.pid, 'SIGTERM');
    options.signal?.addEventListener('abort', giveUp);
    child.once('error', reject);
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', giveUp);
      resolve({ code, output: output.trim() });
    });
  });
}

/** True when the command ends with exit code 0, within seconds. */
export function succeeds(command: string, args: readonly string[], options: CommandOptions = {}): boolean {
  return spawnSync(command, args, { ...spawnOptions(options), timeout: 10_000 }).status === 0;
}

function spawnOptions({ cwd, env, user, timeout_ms }: CommandOptions) {
  return {
    cwd,
    env: env as NodeJS.ProcessEnv | undefined,
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    timeout: timeout_ms,
    // Away from the terminal's Ctrl-C: a half-made database is worse than one second more.
    detached: true,
    ...(user?.switched ? { uid: user.uid, gid: user.gid } : {}),
  };
}

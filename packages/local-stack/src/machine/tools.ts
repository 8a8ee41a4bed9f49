import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parentEnv } from '../config.ts';
import { runCommand } from './run-command.ts';

/** A program that npm does not provide, and the packages that do. */
interface Tool {
  /** The names it may have, in order of preference. */
  commands: readonly string[];
  apt: string;
  brew: string;
}

export const tools = {
  redis: { commands: ['redis-server', 'valkey-server'], apt: 'redis-server', brew: 'redis' },
  chromium: { commands: ['chromium', 'chromium-browser', 'google-chrome'], apt: 'chromium', brew: '--cask chromium' },
  prometheus: { commands: ['prometheus'], apt: 'prometheus', brew: 'prometheus' },
  alertmanager: {
    commands: ['prometheus-alertmanager', 'alertmanager'],
    apt: 'prometheus-alertmanager',
    brew: 'alertmanager',
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** The full path of a tool on PATH. */
export function findTool(name: ToolName): string | undefined {
  const folders = (parentEnv().PATH ?? '').split(delimiter);
  return tools[name].commands
    .flatMap((command) => folders.map((folder) => join(folder, command)))
    .find((path) => isExecutable(path));
}

/**
 * Finds a tool; installs it with apt-get when run as root on Debian.
 * @throws Error with one sentence on how to install it
 */
export async function ensureTool(name: ToolName, say: (text: string) => void): Promise<string> {
  const found = findTool(name);
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say(`Installing ${tools[name].apt} with apt-get…`);
    await aptInstall(tools[name].apt);
    const installed = findTool(name);
    if (installed) return installed;
  }
  throw new Error(howToInstall(name));
}

/** One sentence with the command for macOS and Linux. */
export function howToInstall(name: ToolName): string {
  const { commands, apt, brew } = tools[name];
  const also = name === 'redis' ? ', or set REDIS_URL to use a server of your own' : '';
  return (
    `No ${commands.join(' or ')} on PATH: install it with "brew install ${brew}" (macOS) or ` +
    `"sudo apt-get install ${apt}" (Debian, Ubuntu)${also}.`
  );
}

async function aptInstall(name: string): Promise<void> {
  const env = { ...parentEnv(), DEBIAN_FRONTEND: 'noninteractive' };
  const apt = async (...args: string[]): Promise<void> => {
    const { code, output } = await runCommand('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env });
    if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${output.split('\n').slice(-10).join('\n')}`);
  };
  await apt('update');
  await withoutServices(() => apt('install', '-y', '--no-install-recommends', name));
}

/**
 * Debian starts a server on its standard port as soon as its package is installed; a `policy-rc.d` prevents that
 * (https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt, exit code 101).
 */
async function withoutServices(install: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    rmSync(policy, { force: true });
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

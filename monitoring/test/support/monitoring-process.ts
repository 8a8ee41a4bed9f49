import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { releasePorts, reservePorts } from '@valerix/local-stack/free-ports';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** `make monitoring` beside the stack of a home, on ports of its own. */
export async function startMonitoring(home: string, env: NodeJS.ProcessEnv) {
  const ports = await reservePorts(2);
  const [PROMETHEUS_PORT, ALERTMANAGER_PORT] = ports.map(String);
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, VALERIX_HOME: home, PROMETHEUS_PORT, ALERTMANAGER_PORT, ...env },
  });
  const exit = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return {
    output: () => output,
    /** The servers it started. */
    servers: () => ['prometheus', 'alertmanager'].flatMap((server) => processesOf(join(home, server))),
    /** Ctrl-C. @returns the exit code, or null after a signal */
    async interrupt(): Promise<number | null> {
      child.kill('SIGINT');
      const [code] = (await exit) as [number | null];
      releasePorts(ports);
      return code;
    },
  };
}

/** Command lines that name the folder. */
function processesOf(folder: string): string[] {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(commandLine).filter((line) => line.includes(folder));
}

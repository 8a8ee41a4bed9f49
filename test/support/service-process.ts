import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterCrash } from '@valerix/local-stack/machine/after-crash';
import { type CredentialVariable, recordOf, SECRET_VARIABLES } from '@valerix/system';

export interface ServiceProcess {
  url: string;
  pid: number;
  /** The log so far, a JSON document a line. */
  lines: string[];
  kill(signal: NodeJS.Signals): Promise<void>;
  running(): boolean;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

const root = join(import.meta.dirname, '../..');
/** In the service's folder. */
export const SERVICE_COMMAND = [process.execPath, 'src/main.ts'];

/** Runs a service's real `main.ts`, of this checkout or another, on a port of its own, ready to be asked. */
export async function startService(
  folder: string,
  env: Record<string, string>,
  checkout = root,
  [program = '', ...words]: readonly string[] = SERVICE_COMMAND,
): Promise<ServiceProcess> {
  const child = spawn(program, words, {
    cwd: `${checkout}/${folder}`,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', OPERATOR_TOKEN: TOKEN, ...SECRETS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A service that never listens, or whose test fails before it can be stopped, must not outlive the tests.
  child.once(
    'exit',
    afterCrash(() => child.pid, 'SIGKILL'),
  );
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    collectLines(child, lines, (line) => {
      const port = /"msg":"listening"/.test(line) && /"port":(\d+)/.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('exit', (code) => reject(new Error(`${folder} exited with ${code} at start:\n${lines.join('\n')}`)));
  });
  const exited = once(child, 'exit');
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    url,
    pid: child.pid as number,
    lines,
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
    running,
    ended: exited.then(() => child.exitCode),
    async stop() {
      if (running()) child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

export const TOKEN = 'operator-token-of-the-tests';
/** The secrets of all services that tests start. */
export const SECRETS = recordOf(SECRET_VARIABLES, (name) => `${name.toLowerCase()}-of-the-tests`);
/** The headers by which a service knows its caller. */
export const asCaller = (credential: CredentialVariable) => ({ Authorization: `Bearer ${SECRETS[credential]}` });

function collectLines(child: ChildProcess, lines: string[], onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        onLine(line);
      }
    });
  }
}

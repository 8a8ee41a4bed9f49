import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { httpStatus } from '@valerix/local-stack/machine/http-probe';
import { waitUntil } from '@valerix/local-stack/machine/wait-until';
import { execa } from 'execa';
import { stringify } from 'yaml';

const KEPT_LINES = 20;
const READY_WITHIN_MS = 20_000;

/** Runs a program until `stop`, keeping its last output. `ended` resolves with its last lines when it ends for any reason. */
function runChild(command: string, args: readonly string[]) {
  const child = execa(command, args, {
    stdin: 'ignore',
    all: true,
    // It may run for weeks: keep only the end of its output.
    buffer: false,
    reject: false,
    forceKillAfterDelay: 10_000,
    // A separate process group: Ctrl-C reaches only this process, which then stops its children in order.
    detached: true,
    cleanup: false,
  });
  let lines: string[] = [];
  child.all.setEncoding('utf8').on('data', (text: string) => {
    lines = [...lines, ...text.split('\n').filter(Boolean)].slice(-KEPT_LINES);
  });
  const ended = child.then(({ originalMessage }) => lines.join('\n') || String(originalMessage ?? ''));
  return {
    ended,
    /** SIGTERM, then SIGKILL after 10 s. Resolves when it has ended. */
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export interface RunningServer extends ReturnType<typeof runChild> {
  url: string;
}

interface ServerOptions {
  name: 'Prometheus' | 'Alertmanager';
  command: string;
  /** Holds its data and its configuration. */
  folder: string;
  /** Written to a file that only this user can read: it may hold an address with a secret in it. */
  config: object;
  port: number;
  /** Its arguments, without those that Prometheus and Alertmanager share. */
  args: readonly string[];
}

/** Starts a server; resolves when it is ready. @throws Error with its last lines when it ends first, or is not ready in 20 s */
export async function startServer({
  name,
  command,
  folder,
  config,
  port,
  args,
}: ServerOptions): Promise<RunningServer> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.toLowerCase()}.yml`);
  writeFileSync(file, stringify(config), { mode: 0o600 });
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const child = runChild(command, [`--config.file=${file}`, listen, '--log.level=warn', ...args]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, `${url}/-/ready`);
  } catch (error) {
    await child.stop();
    throw new Error(`${name} did not start: ${(error as Error).message}`);
  }
  return { url, ...child };
}

async function untilReady(child: ReturnType<typeof runChild>, url: string): Promise<void> {
  let lines: string | undefined;
  void child.ended.then((all) => {
    lines = all;
  });
  const answers = async () => lines !== undefined || (await httpStatus(url, 1_000)) === 200;
  if (!(await waitUntil(READY_WITHIN_MS, 50, answers))) {
    throw new Error(`no answer from ${url} within ${READY_WITHIN_MS / 1000} s`);
  }
  if (lines !== undefined) throw new Error(`it ended at once:\n${lines}`);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterCrash } from '@valerix/local-stack/machine/after-crash';

/** A script of ours as a process group of its own, which is what a terminal sends Ctrl-C to. */
export class RunningCommand {
  output = '';
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(script: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
    this.#child = spawn(process.execPath, [script, ...args], { env, detached: true, stdio });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.exit = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
    // Not SIGKILL: a supervisor must stop what it has started.
    this.#child.once(
      'exit',
      afterCrash(() => this.#child.pid && -this.#child.pid, 'SIGTERM'),
    );
  }

  /** To every process of the group. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid as number), signal);
    } catch {
      // Over already.
    }
  }

  /** Waits until the output holds a text. */
  async says(expected: string | RegExp, limitMs = 90_000): Promise<void> {
    const deadline = Date.now() + limitMs;
    const found = () => (typeof expected === 'string' ? this.output.includes(expected) : expected.test(this.output));
    while (!found()) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`It never said ${expected}. It said:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** All processes that have a folder in their environment or their arguments. */
export function pidsNaming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => ['environ', 'cmdline'].some((file) => text(`/proc/${pid}/${file}`).includes(folder)));
}

export const commandLine = (pid: string): string => text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

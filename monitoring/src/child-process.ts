import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunningChild {
  /** Resolves with the last lines it wrote when it ends, for whatever reason. */
  ended: Promise<string>;
  /** SIGTERM, then SIGKILL after 10 s. Resolves when it is gone. */
  stop(): Promise<void>;
}

const KEPT_LINES = 20;

/** Runs a program until `stop`, keeping the last of what it says. */
export function runChild(command: string, args: readonly string[]): RunningChild {
  // A group of its own: Ctrl-C reaches this process only, which then stops things in order.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = [...said, ...text.split('\n').filter(Boolean)].slice(-KEPT_LINES);
    });
  }
  const exit = once(child, 'close').catch((error: Error) => said.push(error.message));
  return {
    ended: exit.then(() => said.join('\n')),
    async stop() {
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exit;
      clearTimeout(insist);
    },
  };
}

/** Asks `url` until it answers 200. @throws Error with what the program said when it ends first, or after 20 s */
export async function untilReady(child: RunningChild, url: string): Promise<void> {
  let gone: string | undefined;
  child.ended.then((said) => {
    gone = said;
  });
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    if (gone !== undefined) throw new Error(`it ended at once:\n${gone}`);
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no answer from ${url} within 20 s`);
}

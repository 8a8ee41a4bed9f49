import { execa } from 'execa';

export interface RunningChild {
  /** Resolves with its last lines when it ends for any reason. */
  ended: Promise<string>;
  /** SIGTERM, then SIGKILL after 10 s. Resolves when it has ended. */
  stop(): Promise<void>;
}

const KEPT_LINES = 20;

/** Runs a program until `stop`, keeping its last output. */
export function runChild(command: string, args: readonly string[]): RunningChild {
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
  let said: string[] = [];
  child.all.setEncoding('utf8').on('data', (text: string) => {
    said = [...said, ...text.split('\n').filter(Boolean)].slice(-KEPT_LINES);
  });
  const ended = child.then(({ originalMessage }) => said.join('\n') || String(originalMessage ?? ''));
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
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

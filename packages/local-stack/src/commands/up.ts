import { COMPANION_KEYS } from '@valerix/system';
import type { LocalConfig } from '../config.ts';
import { entryNamed } from '../stack/process-table.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { banner } from './banner.ts';
import { isLoud } from './log-line.ts';
import { Terminal } from './terminal.ts';

/** Starts everything, keeps it running, and stops it on Ctrl-C. @returns the exit code */
export async function up(config: LocalConfig): Promise<number> {
  const startedAt = performance.now();
  const terminal = new Terminal(config.color);
  terminal.say(`Starting Valerix in ${config.home}`);
  const [first, second] = interrupts();
  let stack: Stack | undefined;
  onAbort(first, () => terminal.say('\nStopping. Ctrl-C again to kill at once.'));
  // Until the stack is up, exiting kills whatever it has started so far (afterCrash).
  onAbort(second, () => (stack ? void stack.forceStop() : process.exit(130)));
  stack = await startStack({
    ...config,
    companions: COMPANION_KEYS,
    onLine: (name, line) => {
      if (config.verbose || (entryNamed(name) && isLoud(line))) terminal.log(name, line);
    },
    onNotice: (name, text) => terminal.notice(name, text),
    signal: first,
  });
  terminal.say(banner(stack, config, (performance.now() - startedAt) / 1000));
  await new Promise<void>((resolve) => onAbort(first, resolve));
  await stack.stop();
  terminal.say('Stopped.');
  return 0;
}

/** Aborts the first signal at the first Ctrl-C, SIGTERM or hang-up, and the second at the next one. */
function interrupts(): [AbortSignal, AbortSignal] {
  const [first, second] = [new AbortController(), new AbortController()];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!first.signal.aborted) first.abort();
      // A closing terminal hangs up more than once: only a person's second signal kills.
      else if (signal !== 'SIGHUP') second.abort();
    });
  }
  return [first.signal, second.signal];
}

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

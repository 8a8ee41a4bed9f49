import { COMPANION_KEYS } from '@valerix/system';
import type { LocalConfig } from '../config.ts';
import { entryNamed } from '../stack/process-table.ts';
import { type Stack, startStack } from '../stack/stack.ts';
import { banner } from './banner.ts';
import { isLoud } from './log-line.ts';
import { Terminal } from './terminal.ts';

/** Starts everything, watches over it, and stops it on Ctrl-C. Resolves with the exit code. */
export async function up(config: LocalConfig): Promise<number> {
  const startedAt = performance.now();
  const terminal = new Terminal(config.color);
  terminal.say(`Starting Valerix in ${config.home}`);
  const interrupts = new Interrupts();
  let stack: Stack | undefined;
  onAbort(interrupts.first, () => terminal.say('\nStopping. Ctrl-C again to kill at once.'));
  // Before the stack stands, the end of this process takes along what it has started (afterCrash).
  onAbort(interrupts.second, () => (stack ? void stack.forceStop() : process.exit(130)));
  stack = await startStack({
    ...config,
    companions: COMPANION_KEYS,
    onLine: (name, line) => {
      if (config.verbose || (entryNamed(name) && isLoud(line))) terminal.log(name, line);
    },
    onNotice: (name, text) => terminal.notice(name, text),
    signal: interrupts.first,
  });
  terminal.say(banner(stack, config, (performance.now() - startedAt) / 1000));
  await new Promise<void>((resolve) => onAbort(interrupts.first, resolve));
  await stack.stop();
  terminal.say('Stopped.');
  return 0;
}

/** The first Ctrl-C (or SIGTERM, or the terminal closing) asks, the second insists. */
class Interrupts {
  readonly #first = new AbortController();
  readonly #second = new AbortController();

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#count(signal));
  }

  get first(): AbortSignal {
    return this.#first.signal;
  }

  get second(): AbortSignal {
    return this.#second.signal;
  }

  #count(signal: NodeJS.Signals): void {
    // A terminal that is closed says so more than once, and nobody is there who insists.
    if (this.#first.signal.aborted && signal === 'SIGHUP') return;
    (this.#first.signal.aborted ? this.#second : this.#first).abort();
  }
}

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

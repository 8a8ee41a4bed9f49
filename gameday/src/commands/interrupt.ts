/** Who has started what runs, and ends it. */
type Parent = 'terminal' | 'laboratory';

export interface Interrupt {
  /** Aborted: end early, roll back and report. */
  signal: AbortSignal;
  /** Aborted: do not wait for open orders either. */
  hurry: AbortSignal;
  release: () => void;
}

/** A run whose laboratory is being stopped may wait so long for open orders. */
const HURRY_MS = 3_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first Ctrl-C, SIGTERM or end of the terminal is an interrupt; a second Ctrl-C or SIGTERM ends the process at once. What a
 * laboratory has started does not outlive it: when its end of the channel is closed, that is an interrupt too, and a message
 * from it says to hurry.
 * @param follows what happens then, for the terminal
 */
export function onInterrupt(follows: () => string, parent: Parent = 'terminal'): Interrupt {
  const stopping = new AbortController();
  const hurrying = new AbortController();
  const hurry = () => setTimeout(() => hurrying.abort(), HURRY_MS).unref();
  const handler = (signal: NodeJS.Signals) => {
    // A terminal that is closed says so more than once, and nobody is there who insists.
    if (stopping.signal.aborted && signal === 'SIGHUP') return;
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: ${follows()} Once more ends at once.`);
    stopping.abort(parent === 'laboratory' ? 'it was stopped in the laboratory' : `${signal} from the terminal`);
  };
  const orphaned = () => {
    stopping.abort('the laboratory that started it is gone');
    hurry();
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  if (parent === 'laboratory') {
    process.once('disconnect', orphaned);
    process.on('message', hurry);
  }
  return {
    signal: stopping.signal,
    hurry: hurrying.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, handler);
      process.off('disconnect', orphaned);
      process.off('message', hurry);
    },
  };
}

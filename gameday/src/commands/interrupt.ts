/** What started the run and may end it. */
type Parent = 'terminal' | 'laboratory';

/** How long a run may wait for open orders when its laboratory is being stopped. */
const HURRY_MS = 3_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first Ctrl-C or SIGTERM, or closing the terminal, interrupts the run; a second Ctrl-C or SIGTERM ends the process at once.
 * A run does not outlive the laboratory that started it: a closed channel interrupts too, and a message over it means hurry.
 * @param follows what happens next, in a sentence for the terminal
 */
export function onInterrupt(follows: () => string, parent: Parent = 'terminal') {
  const stopping = new AbortController();
  const hurrying = new AbortController();
  const hurry = () => setTimeout(() => hurrying.abort(), HURRY_MS).unref();
  const handler = (signal: NodeJS.Signals) => {
    // A closing terminal sends SIGHUP more than once; a repeat is not a user who insists.
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
    /** Aborted: end early, roll back and report. */
    signal: stopping.signal,
    /** Aborted: do not wait for open orders either. */
    hurry: hurrying.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, handler);
      process.off('disconnect', orphaned);
      process.off('message', hurry);
    },
  };
}

/** Whose end is an interrupt too. */
export type Parent = 'terminal' | 'laboratory';

/**
 * The first Ctrl-C, or SIGTERM, aborts the signal, so that what runs rolls back; a second one ends at once. What a laboratory
 * has started does not outlive it: when its end of the channel is closed, that aborts, too.
 * @param follows what happens then, for the terminal
 */
export function onInterrupt(
  follows: string,
  parent: Parent = 'terminal',
): { signal: AbortSignal; release: () => void } {
  const stopping = new AbortController();
  const handler = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: ${follows} Once more ends at once.`);
    stopping.abort(parent === 'laboratory' ? 'it was stopped in the laboratory' : `${signal} from the terminal`);
  };
  const orphaned = () => stopping.abort('the laboratory that started it is gone');
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  if (parent === 'laboratory') process.once('disconnect', orphaned);
  return {
    signal: stopping.signal,
    release: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
      process.off('disconnect', orphaned);
    },
  };
}

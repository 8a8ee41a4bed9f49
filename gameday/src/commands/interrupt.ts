/**
 * The first Ctrl-C, or SIGTERM, aborts the signal, so that what runs rolls back; a second one ends at once.
 * @param follows what happens then, for the terminal
 */
export function onInterrupt(follows: string): { signal: AbortSignal; release: () => void } {
  const stopping = new AbortController();
  const handler = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(130);
    console.error(`\n${signal}: ${follows} Once more ends at once.`);
    stopping.abort(`${signal} from the terminal`);
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    signal: stopping.signal,
    release: () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}

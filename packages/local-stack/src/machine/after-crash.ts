const pending = new Set<() => void>();
let hooked = false;

/**
 * Kills a process when this one exits without having stopped it: an uncaught error, a `process.exit` of a test
 * runner. (A SIGKILL cannot be met here; the next start clears up after it.)
 * @returns the way to forget it, once it was stopped properly.
 */
export function afterCrash(pid: () => number | undefined, signal: NodeJS.Signals): () => void {
  const kill = (): void => {
    const target = pid();
    if (target !== undefined) trySignal(target, signal);
  };
  pending.add(kill);
  if (!hooked) {
    hooked = true;
    process.on('exit', () => {
      for (const each of pending) each();
    });
  }
  return () => pending.delete(kill);
}

/** Sends a signal; a process that is gone already is no error. A negative pid means the whole group. */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

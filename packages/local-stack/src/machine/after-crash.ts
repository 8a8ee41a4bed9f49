const pending = new Set<() => void>();
let hooked = false;

/**
 * Kills a process if this one exits without stopping it: after an uncaught error, or a test runner's `process.exit`.
 * (This process cannot react to a SIGKILL; the next start stops what it left.)
 * @returns a function that cancels this, to call once the process has stopped
 */
export function afterCrash(pid: () => number | undefined, signal: NodeJS.Signals): () => void {
  const kill = (): void => {
    const target = pid();
    if (target !== undefined) trySignal(target, signal);
  };
  pending.add(kill);
  if (!hooked) {
    hooked = true;
    process.on('exit', killPending);
  }
  return () => pending.delete(kill);
}

/** Kills at once what `afterCrash` would kill at the exit: for an end that skips Node's exit handlers. */
export function killPending(): void {
  for (const each of pending) each();
}

/** Sends a signal. @returns false when the process is already gone. A negative pid means its whole group. */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

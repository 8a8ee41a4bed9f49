import type { LocalConfig } from '../config.ts';
import { homeAt } from '../home/home.ts';
import { liveHolder, removeDeadLock } from '../home/home-lock.ts';
import { trySignal } from '../machine/after-crash.ts';
import { waitUntil } from '../machine/wait-until.ts';
import { stopLeftovers } from '../stack/leftovers.ts';

// 15 s for each wave of services to drain (order, then inventory), and 30 s for the servers.
const LIMIT_MS = 60_000;

/** Stops the stack of another terminal, or the processes a killed stack left. */
export async function stop(config: LocalConfig): Promise<number> {
  const home = homeAt(config.home);
  const holder = liveHolder(home);
  if (!holder) {
    const stopped = await stopLeftovers(home);
    removeDeadLock(home);
    console.log(
      stopped.length > 0 ? `Stopped what a killed stack left: ${stopped.join(', ')}.` : 'The stack is not running.',
    );
    return 0;
  }
  trySignal(holder.pid, 'SIGTERM');
  if (!(await waitUntil(LIMIT_MS, 50, () => !liveHolder(home)))) {
    console.error(`The stack (pid ${holder.pid}) is still stopping after ${LIMIT_MS / 1000} s.`);
    return 1;
  }
  console.log('Stopped.');
  return 0;
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats `check` until it no longer throws, and returns what it returned. @throws its last error after `withinMs` */
export async function eventually<T>(check: () => T | Promise<T>, withinMs = 15_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(25);
    }
  }
}

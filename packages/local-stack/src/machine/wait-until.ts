import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `everyMs` until the answer is true. @returns false when it is not true within `limitMs` */
export async function waitUntil(
  limitMs: number,
  everyMs: number,
  ask: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!(await ask())) {
    if (performance.now() > deadline) return false;
    await sleep(everyMs);
  }
  return true;
}

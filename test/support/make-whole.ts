import type { Stack } from '@valerix/local-stack';
import { COMPANION_KEYS, COMPANIONS, declaration, SERVICE_KEYS } from '@valerix/system';
import { chaosClient } from './chaos-client.ts';
import { eventually } from './eventually.ts';

/**
 * Starts what a failed test left stopped, resumes what stands still, re-arms chaos and ends every fault: no test depends on the one
 * before it. Resolves when every process is ready.
 */
export async function makeWhole(stack: Stack): Promise<void> {
  await stack.postgres.start();
  await Promise.all(
    processesOf(stack).map(async (name) => {
      const process = stack.process(name);
      await process.kill('SIGCONT');
      await process.start();
    }),
  );
  const chaos = chaosClient(stack, stack.services.inventory.urls[0] as string);
  // A replica that lost Redis does not trust it again at once.
  await eventually(() => chaos.rearm('a test starts'), 30_000);
  await eventually(() => chaos.clear(), 30_000);
}

function processesOf({ services, companions }: Stack): string[] {
  const replicas = (name: string, { urls }: { urls: string[] }) =>
    urls.map((_, index) => (index === 0 ? name : `${name}-${index + 1}`));
  return [
    'redis',
    ...SERVICE_KEYS.flatMap((key) => replicas(declaration(key).name, services[key])),
    ...COMPANION_KEYS.flatMap((key) => replicas(COMPANIONS[key].name, companions[key])),
  ];
}

import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How many MB more V8's old generation holds after `work` and two young collections: what was alive, or taken for alive, at
 * both. For garbage that is too much, since each young collection stops the process while it copies it.
 */
export async function promotedBy(work: () => Promise<unknown>): Promise<number> {
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  collect();
  const before = oldGenerationMb();
  await work();
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  return oldGenerationMb() - before;
}

function oldGenerationMb(): number {
  const space = v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space');
  return (space as v8.HeapSpaceInfo).space_used_size / 1e6;
}

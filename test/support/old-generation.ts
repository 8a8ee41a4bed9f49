import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * How many MB more V8's old generation holds after `work` and two young collections. What is garbage by then and still came so
 * far made each collection on its way stop the process for longer.
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
  const spaces = v8.getHeapSpaceStatistics().filter(({ space_name }) => space_name === 'old_space');
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0) / 1e6;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { processIdentity } from '../src/machine/process-identity.ts';
import { runCommand } from '../src/machine/run-command.ts';

it('a command that is given up ends at once, with all it has started', async () => {
  const giveUp = new AbortController();
  const running = runCommand('sh', ['-c', 'sleep 20 & echo $!; wait'], { signal: giveUp.signal });
  await sleep(500);
  giveUp.abort();
  const { code, output } = await running;
  expect(code).toBeNull();
  expect(processIdentity(Number(output))).toBeUndefined();
});

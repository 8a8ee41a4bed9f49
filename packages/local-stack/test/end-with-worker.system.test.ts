import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { processIdentity } from '../src/machine/process-identity.ts';

it('what a test has started ends with its worker, though its test never stopped it', async () => {
  const worker = spawn(process.execPath, [join(import.meta.dirname, 'forgetful-worker.ts')]);
  const [line] = (await once(worker.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.filter((pid) => processIdentity(pid))).toHaveLength(2);
  // As Vitest ends it.
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await eventually(() => expect(pids.filter((pid) => processIdentity(pid))).toEqual([]));
  // And this file's own worker is such a one.
  expect(process.listenerCount('SIGTERM')).toBeGreaterThan(0);
});

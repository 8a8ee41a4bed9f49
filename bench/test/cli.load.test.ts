import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { pidsNaming, RunningCommand } from '../../test/support/running-command.ts';

let folder: string;
let bench: RunningCommand;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'valerix-bench-'));
  const cli = join(import.meta.dirname, '../src/cli.ts');
  bench = new RunningCommand(cli, [], { ...process.env, QUICK: '1', TMPDIR: folder });
});
afterEach(async () => {
  bench.signal('SIGKILL');
  await bench.exit;
  rmSync(folder, { recursive: true, force: true });
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s stops the stack and ends with 130', async (signal) => {
  await bench.says('1/1 echo-http:');
  bench.signal(signal);
  expect(await bench.exit, bench.output).toBe(130);
  expect(bench.output).toContain('Stopped; nothing was written.');
  expect(bench.output).not.toContain('    at ');
  expect(pidsNaming(folder)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith('valerix-home-'))).toEqual([]);
});

it('a second signal ends it at once, and the stack with it', async () => {
  await bench.says('the same work after a pause');
  bench.signal('SIGINT');
  await bench.says('Once more ends at once.');
  bench.signal('SIGINT');
  expect(await bench.exit, bench.output).toBe(130);
  expect(bench.output).not.toContain('Stopped; nothing was written.');
  await eventually(() => expect(pidsNaming(folder)).toEqual([]));
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pidsNaming, RunningCommand } from '../../test/support/running-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-interrupt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(['SIGINT', 'SIGHUP'] as const)(
  'should say after %s that it was stopped before it had begun, and leave no process',
  async (signal) => {
    const cli = join(import.meta.dirname, '../src/cli.ts');
    const run = new RunningCommand(cli, ['run', 'mix', '--report', folder], { ...process.env, TMPDIR: folder });
    try {
      await run.says('A bit of everything');
      run.signal(signal);
      // A terminal that is closed may say so twice.
      if (signal === 'SIGHUP') run.signal(signal);
      expect(await run.exit).toBe(3);
      expect(run.output).toContain(`${signal}: stopping before it has begun.`);
      expect(run.output).toContain('It was stopped before it had begun: nothing was broken');
      expect(run.output).not.toMatch(/\n +at |report follows/);
      expect(pidsNaming(folder)).toEqual([]);
    } finally {
      run.signal('SIGKILL');
      await run.exit;
    }
  },
);

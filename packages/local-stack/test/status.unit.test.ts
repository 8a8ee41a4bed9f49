import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { status } from '../src/commands/status.ts';
import { readConfig } from '../src/config.ts';
import { createHome } from '../src/home/home.ts';
import { lockHome, markUp } from '../src/home/home-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('status ends with 1 until all of the stack has been started', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  const config = readConfig({ VALERIX_HOME: folder });
  const home = createHome(folder);
  await lockHome(home, false);
  expect(await status(config)).toBe(1);
  expect(said.mock.lastCall?.[0]).toContain('still starting');
  markUp(home);
  expect(await status(config)).toBe(0);
  expect(said.mock.lastCall?.[0]).not.toContain('still starting');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { logs } from '../src/commands/logs.ts';
import { readConfig } from '../src/config.ts';
import { createHome } from '../src/home/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-logs-'));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it('without a log there is nothing to follow: it says so and ends', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const config = readConfig({ VALERIX_HOME: folder });
  expect(await logs(config, { follow: true })).toBe(1);
  const { logs: where } = createHome(folder);
  expect(await logs(config, { name: 'redis', follow: true })).toBe(1);
  for (const [said] of error.mock.calls) expect(said).toBe(`No logs yet in ${where}; start with "make up".`);
});

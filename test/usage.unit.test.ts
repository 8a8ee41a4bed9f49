import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it.each(['bench/src/cli.ts', 'k8s/src/write-secrets.ts', 'monitoring/src/main.ts'])(
  '%s --help says what it does, and does nothing',
  (file) => {
    const { status, stdout } = spawnSync(process.execPath, [join(root, file), '--help'], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')[0]).toContain(`Usage: npx node ${file}`);
    expect(stdout).not.toMatch(/^\S+: (written|kept as it is)$/m);
    expect(status).toBe(0);
  },
  // Three programs are loaded whole, on a machine that may be busy.
  30_000,
);

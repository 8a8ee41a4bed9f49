import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Builds the standalone server into .next/standalone and puts the static files beside it, as Next leaves that to the
// deployment. Writes nothing outside .next.
const root = fileURLToPath(new URL('..', import.meta.url));
const next = fileURLToPath(import.meta.resolve('next/dist/bin/next'));

rmSync(`${root}.next/standalone`, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [next, 'build'], {
  cwd: root,
  stdio: 'inherit',
  // biome-ignore lint/style/noProcessEnv: passed on to the build as it is
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
});
if (status !== 0) process.exit(status ?? 1);
cpSync(`${root}.next/static`, `${root}.next/standalone/frontend/.next/static`, { recursive: true });

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Builds the standalone server into .next/standalone and puts the static files beside it, as Next leaves that to the
// deployment. Needs no network. Does nothing when the sources are those of the last build; `--force` builds anyway.
const root = fileURLToPath(new URL('..', import.meta.url));
const workspace = fileURLToPath(new URL('../..', import.meta.url));
const stamp = `${root}.next/source-hash`;

const hash = hashSources();
const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (current === hash && !process.argv.includes('--force')) {
  process.stdout.write('The dashboard is built already.\n');
} else {
  build();
}

function build(): void {
  rmSync(stamp, { force: true });
  rmSync(`${root}.next/standalone`, { recursive: true, force: true });
  const next = fileURLToPath(import.meta.resolve('next/dist/bin/next'));
  const { status } = spawnSync(process.execPath, [next, 'build'], {
    cwd: root,
    stdio: 'inherit',
    // biome-ignore lint/style/noProcessEnv: passed on to the build as it is
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
  if (status !== 0) process.exit(status ?? 1);
  cpSync(`${root}.next/static`, `${root}.next/standalone/frontend/.next/static`, { recursive: true });
  mkdirSync(`${root}.next`, { recursive: true });
  writeFileSync(stamp, hash);
}

function hashSources(): string {
  const digest = createHash('sha256').update(process.version);
  const files = [
    'package-lock.json',
    ...globSync('frontend/{app,src}/**/*.{ts,tsx,css,svg}', { cwd: workspace }),
    ...globSync('frontend/*.{ts,mjs,json}', { cwd: workspace }).filter((file) => !file.endsWith('next-env.d.ts')),
    ...globSync('packages/contracts/src/**/*.ts', { cwd: workspace }),
  ];
  for (const file of files.sort()) digest.update(`\0${file}\0`).update(readFileSync(`${workspace}${file}`));
  return digest.digest('hex');
}

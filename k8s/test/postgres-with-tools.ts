import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';

/** A PostgreSQL with pg_dump and psql of its own version, which the one that comes from npm lacks. */
export interface PostgresWithTools {
  version: number;
  /** What psql and pg_dump need to reach it by TCP, with a password. */
  environment: Record<string, string>;
  /** What psql needs to reach it as its superuser, without one. */
  superuser: Record<string, string>;
  url(role: string, password: string, database: string): string;
  stop(): void;
}

/** The folder of server and tools of one version, the newest; undefined where there is none. */
export function toolsFolder(): string | undefined {
  const known = ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql@*/bin', '/usr/local/pgsql/bin'];
  const complete = (folder: string): boolean =>
    ['initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'].every((name) => existsSync(join(folder, name)));
  return known
    .flatMap((pattern) => globSync(pattern))
    .filter(complete)
    .sort((a, b) => versionOf(a) - versionOf(b))
    .at(-1);
}

const versionOf = (folder: string): number => {
  const text = execFileSync(join(folder, 'pg_dump'), ['--version'], { encoding: 'utf8' });
  return Number(/(\d+)\./.exec(text)?.[1]);
};

export async function startPostgresWithTools(bin: string): Promise<PostgresWithTools> {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-backup-'));
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  mkdirSync(socket);
  const user = serverUser();
  for (const path of [folder, socket]) if (user) chownSync(path, user.uid, user.gid);
  const run = (name: string, ...args: string[]) =>
    execFileSync(join(bin, name), args, { cwd: folder, env: { LC_ALL: 'C' }, stdio: 'pipe', ...user });
  run(
    'initdb',
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    '--no-sync',
  );
  const port = await freePort();
  const options = `-p ${port} -k ${socket} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60`;
  run(
    'pg_ctl',
    'start',
    `--pgdata=${data}`,
    '--wait',
    '--silent',
    `--log=${join(folder, 'log')}`,
    `--options=${options}`,
  );
  const path = { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, PGPORT: String(port) };
  return {
    version: versionOf(bin),
    environment: { ...path, PGHOST: '127.0.0.1' },
    superuser: { ...path, PGHOST: socket, PGUSER: 'postgres' },
    url: (role, password, database) =>
      `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    stop() {
      run('pg_ctl', 'stop', `--pgdata=${data}`, '--mode=fast', '--wait', '--silent');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, homeHash, writePrivately } from '../home/home.ts';
import { succeeds } from '../machine/run-command.ts';
import type { SystemUser } from '../machine/system-user.ts';

/** Where the database cluster of a home is kept. */
export type PostgresLocation = ReturnType<typeof locationAt>;

/** The location, if an earlier start chose one. */
export function knownLocation(home: Home): PostgresLocation | undefined {
  if (existsSync(home.postgresElsewhere)) {
    return locationAt(readFileSync(home.postgresElsewhere, 'utf8').trim(), true);
  }
  return existsSync(home.postgres) ? locationAt(home.postgres, false) : undefined;
}

/** The location, created on first use: below the home, or in /var/tmp when `user` cannot enter the home. */
export function ensureLocation(home: Home, user: SystemUser): PostgresLocation {
  const location = knownLocation(home) ?? chooseLocation(home, user);
  mkdirSync(location.folder, { recursive: true, mode: 0o700 });
  if (location.elsewhere) refuseForeign(location.folder, user);
  chmodSync(location.folder, 0o700);
  if (user.switched) chownSync(location.folder, user.uid, user.gid);
  linkLog(home, location);
  return location;
}

function chooseLocation(home: Home, user: SystemUser): PostgresLocation {
  if (canReach(home.path, user)) return locationAt(home.postgres, false);
  const folder = `/var/tmp/valerix-${homeHash(home)}`;
  writePrivately(home.postgresElsewhere, `${folder}\n`);
  return locationAt(folder, true);
}

/** @param elsewhere the cluster is not below the home, because the database's user cannot enter it */
const locationAt = (folder: string, elsewhere: boolean) => ({
  folder,
  data: join(folder, 'data'),
  log: join(folder, 'postgres.log'),
  elsewhere,
});

// Try it: modes, groups, access lists and mounts all decide.
const canReach = (folder: string, user: SystemUser): boolean =>
  succeeds('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { user, cwd: '/' });

function refuseForeign(folder: string, user: SystemUser): void {
  const owner = lstatSync(folder).uid;
  if (owner !== process.getuid?.() && owner !== user.uid) throw new Error(`${folder} belongs to another user.`);
}

/** PostgreSQL's user can write its log only beside its data: link it into `logs/`, beside the other logs. */
function linkLog(home: Home, location: PostgresLocation): void {
  const link = join(home.logs, 'postgres.log');
  home.disk.attempt(link, () => {
    rmSync(link, { force: true });
    symlinkSync(location.log, link);
  });
}

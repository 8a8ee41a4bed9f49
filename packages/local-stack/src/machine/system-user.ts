import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The user PostgreSQL runs as. */
export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
  /** True when this is not the current user. */
  switched: boolean;
}

/** PostgreSQL refuses to run as root; as root, take `postgres` if the machine has it, else `nobody`. */
export function databaseUser(): SystemUser {
  const me = userInfo();
  if (me.uid !== 0) return { name: me.username, uid: me.uid, gid: me.gid, switched: false };
  const found = findUser('postgres') ?? findUser('nobody');
  if (!found)
    throw new Error('Running as root, and neither the user "postgres" nor "nobody" exists to run PostgreSQL.');
  return found;
}

function findUser(name: string): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid), switched: true } : undefined;
}

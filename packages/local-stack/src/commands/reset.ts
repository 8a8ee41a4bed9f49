import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { LocalConfig } from '../config.ts';
import { type Home, homeAt } from '../home/home.ts';
import { liveHolder } from '../home/home-lock.ts';
import { knownLocation } from '../servers/postgres-location.ts';
import { removeHome, stopLeftovers } from '../stack/leftovers.ts';

/** Asks, then deletes the databases, the Redis data, the logs and the secrets of a home. */
export async function reset(config: LocalConfig): Promise<number> {
  const home = homeAt(config.home);
  const holder = liveHolder(home);
  if (holder) {
    console.error(`The stack is running (pid ${holder.pid}). Run "make stop" first.`);
    return 1;
  }
  if (!existsSync(home.path)) {
    console.log(`Nothing to delete: ${home.path} does not exist.`);
    return 0;
  }
  console.log(describe(home));
  if (!(await isConfirmed(config))) return 1;
  await stopLeftovers(home);
  removeHome(home);
  console.log('Deleted.');
  return 0;
}

function describe(home: Home): string {
  const location = knownLocation(home);
  const elsewhere = location?.elsewhere ? `\n  ${location.folder}   the database cluster` : '';
  return `This deletes all orders, the stock, the Redis data, the logs and the operator token:\n  ${home.path}${elsewhere}`;
}

async function isConfirmed({ yes }: LocalConfig): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    console.error('Not deleted: no terminal to ask on. Run it with YES=1.');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question('Delete? [y/N] ');
  prompt.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  console.error('Not deleted.');
  return false;
}

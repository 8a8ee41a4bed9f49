import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome, type Home } from '../home/home.ts';
import { lockHome, unlockHome } from '../home/home-lock.ts';
import { releasePorts, reservePorts } from '../machine/free-ports.ts';
import { ensureTool } from '../machine/tools.ts';
import { createDatabase } from '../servers/databases.ts';
import { type PostgresHandle, PostgresServer } from '../servers/postgres-server.ts';
import { redisServer, redisUrl } from '../servers/redis-server.ts';
import type { ProcessHandle } from '../servers/supervised-process.ts';
import { clearAbandonedHomes, removeTemporaryHome, stopLeftovers, temporaryPrefix } from './leftovers.ts';

export interface Servers {
  home: string;
  /** The address of a database, which need not exist yet. */
  postgresUrl(database: string): string;
  redisUrl: string;
  /** Creates a database unless it exists, and returns its address. */
  createDatabase(name: string, template?: string): Promise<string>;
  postgres: PostgresHandle;
  redis: ProcessHandle;
  /** Stops both and, unless the home was given, deletes the data. */
  stop(): Promise<void>;
}

export interface ServersOptions {
  /** The folder for all files. Default: a new temporary folder, deleted by `stop`. */
  home?: string;
}

/** Starts an empty PostgreSQL and an empty Redis on free ports. */
export async function startServers(options: ServersOptions = {}): Promise<Servers> {
  const { home, close } = await openHome(options);
  const ports = await reservePorts(2);
  const running: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const server of running.reverse()) await server.stop();
    releasePorts(ports);
    close();
  };
  try {
    const postgres = new PostgresServer({ home, port: ports[0] as number, restart: false, onNotice: ignore });
    running.push(postgres);
    const supervision = { home, restart: false, onLine: ignore, onNotice: ignore };
    const redis = redisServer(await ensureTool('redis', say), home, ports[1] as number, supervision);
    running.push(redis);
    await Promise.all([postgres.start(), redis.start()]);
    return {
      home: home.path,
      postgresUrl: (database) => postgres.url(database),
      redisUrl: redisUrl(redis.spec.port),
      createDatabase: (name, template) => createOn(postgres, name, template),
      postgres,
      redis,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface HomeOptions extends ServersOptions {
  onNotice?: (name: string, text: string) => void;
}

/** Opens a home: locks it and stops leftovers. `close` unlocks it, or deletes a temporary one. */
export async function openHome(options: HomeOptions): Promise<{ home: Home; close: () => void }> {
  const temporary = options.home === undefined;
  if (temporary) await clearAbandonedHomes();
  const home = createHome(options.home ?? mkdtempSync(join(tmpdir(), temporaryPrefix)));
  await lockHome(home, temporary);
  const close = (): void => (temporary ? removeTemporaryHome(home) : unlockHome(home));
  try {
    const stopped = await stopLeftovers(home);
    if (stopped.length > 0) options.onNotice?.('supervisor', `stopped what a killed start left: ${stopped.join(', ')}`);
    return { home, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function createOn(postgres: PostgresServer, name: string, template?: string): Promise<string> {
  await createDatabase(postgres.url('postgres'), name, template);
  return postgres.url(name);
}

const ignore = (): void => {};
const say = (text: string): void => console.error(text);

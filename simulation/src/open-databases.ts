import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@valerix/service-kit/migrate';
import { declaration } from '@valerix/system';
import { createDatabase, type Database, keepAsTemplate, withReset } from './servers/databases-store.ts';
import { PostgresHost } from './servers/postgres.ts';
import { databaseAddress, databaseUrl, SIMULATED, type SimulatedKey } from './system.ts';
import { Network } from './world/network.ts';
import { useNetwork } from './world/sockets.ts';
import { Process, World } from './world/world.ts';

const root = join(import.meta.dirname, '../..');
const CACHE = join(root, 'node_modules/.cache/valerix-simulation');
/** Of what is saved: PGlite, and the template. */
const VERSION = 'pglite 0.5.17, 1';

/** A database for each service, migrated by the service's own migrations. One after the other: only one world runs at a time. */
export async function openDatabases(): Promise<Record<SimulatedKey, Database>> {
  const opened: [SimulatedKey, Database][] = [];
  for (const key of SIMULATED) opened.push([key, await withReset(await openDatabase(key))]);
  return Object.fromEntries(opened) as Record<SimulatedKey, Database>;
}

/** Migrated, or as an earlier process saved it after the same migrations. */
async function openDatabase(key: SimulatedKey): Promise<Database['pg']> {
  const folders = [join(root, declaration(key).name, 'migrations'), join(root, 'packages/service-kit/migrations')];
  const migrations = folders.flatMap((folder) =>
    readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
  );
  const file = join(CACHE, `${key}-${hash('sha256', [VERSION, ...migrations].join('\0')).slice(0, 16)}.tar`);
  if (existsSync(file)) return createDatabase(new Blob([readFileSync(file)]));
  const pg = await createDatabase();
  await migrateInWorld(key, new World(0), pg);
  await keepAsTemplate(pg);
  await save(pg, file);
  return pg;
}

/** Renamed when it is complete: other processes may read it at any time. */
async function save(pg: Database['pg'], file: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, Buffer.from(await (await pg.dumpDataDir('none')).arrayBuffer()));
  renameSync(unfinished, file);
}

async function migrateInWorld(key: SimulatedKey, world: World, pg: Database['pg']): Promise<void> {
  const network = new Network(world);
  network.addHost(databaseAddress(key), new PostgresHost(world, pg, `db-${key}`));
  useNetwork(network);
  let ended: { error?: unknown } | undefined;
  world.after(0, new Process(world, 'migrations'), () => {
    migrate(key, join(root, declaration(key).name, 'migrations'), { DATABASE_URL: databaseUrl(key) }).then(
      () => {
        ended = {};
      },
      (error: unknown) => {
        ended = { error };
      },
    );
  });
  const said = process.stdout.write;
  process.stdout.write = () => true;
  try {
    await world.run(() => ended !== undefined, 300_000);
  } finally {
    process.stdout.write = said;
    useNetwork(undefined);
  }
  if (!ended || ended.error) throw new Error(`${key} could not be migrated`, { cause: ended?.error });
}

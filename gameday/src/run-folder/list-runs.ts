import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GAMEDAY_ID, type Gameday, type GamedayPage } from '@valerix/contracts';
import { readRun } from './read-run.ts';
import { RUN_FILES } from './run-folder.ts';

/** Journals that are read once and remembered (I13). */
const MAX_REMEMBERED = 300;

/** Lists the runs of a folder, newest first. What is not the folder of a run is left out. */
export function createRunList(parent: string) {
  const remembered = new Map<string, { stamp: string; gameday: Gameday }>();

  async function one(id: string): Promise<Gameday | undefined> {
    const stamp = await stampOf(join(parent, id));
    const known = remembered.get(id);
    if (stamp && known?.stamp === stamp) return known.gameday;
    const gameday = (await readRun(parent, id))?.gameday;
    if (!gameday || gameday.state === 'running' || !stamp) return gameday;
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    remembered.set(id, { stamp, gameday });
    return gameday;
  }

  async function ids(): Promise<string[]> {
    // No folder yet: no run yet.
    const names = await readdir(parent).catch(() => []);
    return names
      .filter((name) => GAMEDAY_ID.test(name))
      .sort()
      .reverse();
  }

  return {
    /** A page of runs; the cursor is the last id of the page before. */
    async page(limit: number, cursor?: string): Promise<GamedayPage> {
      const rest = (await ids()).filter((id) => cursor === undefined || id < cursor);
      const page = rest.slice(0, limit);
      const items = (await Promise.all(page.map(one))).filter((gameday) => gameday !== undefined);
      return { items, next_cursor: rest.length > limit ? (page.at(-1) ?? null) : null };
    },

    /** The run that goes on, whoever started it. It is among the newest: a run lasts a day at most. */
    async running(): Promise<Gameday | undefined> {
      for (const id of (await ids()).slice(0, 50)) {
        const gameday = await one(id);
        if (gameday?.state === 'running') return gameday;
      }
      return undefined;
    },
  };
}

/** Changes when the folder's journal or progress does; undefined while there is neither. */
async function stampOf(folder: string): Promise<string | undefined> {
  const files = [RUN_FILES.journal, RUN_FILES.progress, RUN_FILES.report].map((file) => join(folder, file));
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  if (found.every((one) => one === undefined)) return undefined;
  return found.map((one) => (one ? `${one.mtimeMs}:${one.size}` : '-')).join(' ');
}

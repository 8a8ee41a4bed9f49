import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GAMEDAY_ID, type Gameday, type GamedayPage } from '@valerix/contracts';
import { readRun } from './read-run.ts';
import { RUN_FILES } from './run-folder.ts';

/** The most journals kept in memory (I13). */
const MAX_REMEMBERED = 300;

/** Lists the runs in a folder, newest first. Other files and folders are left out. */
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
    // The first run makes the folder.
    const names = await readdir(parent).catch(() => []);
    const found = names.filter((name) => GAMEDAY_ID.test(name));
    return found.sort().reverse();
  }

  return {
    /** A page of runs; the cursor is the last id of the previous page. */
    async page(limit: number, cursor?: string): Promise<GamedayPage> {
      const rest = (await ids()).filter((id) => cursor === undefined || id < cursor);
      const page = rest.slice(0, limit);
      const items = (await Promise.all(page.map(one))).filter((gameday) => gameday !== undefined);
      return { items, next_cursor: rest.length > limit ? (page.at(-1) ?? null) : null };
    },

    /** The run under way, started here or in a terminal. It is among the newest: a run lasts a day at most. */
    async running(): Promise<Gameday | undefined> {
      for (const id of (await ids()).slice(0, 50)) {
        const gameday = await one(id);
        if (gameday?.state === 'running') return gameday;
      }
      return undefined;
    },
  };
}

/** Changes whenever the folder's journal, progress or report does; undefined while the folder has none of them. */
async function stampOf(folder: string): Promise<string | undefined> {
  const files = [RUN_FILES.journal, RUN_FILES.progress, RUN_FILES.report].map((file) => join(folder, file));
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  if (found.every((one) => one === undefined)) return undefined;
  return found.map((one) => (one ? `${one.mtimeMs}:${one.size}` : '-')).join(' ');
}

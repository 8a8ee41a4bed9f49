import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files in a run's folder. */
export const RUN_FILES = {
  progress: 'progress.jsonl',
  journal: 'journal.json',
  report: 'report.html',
  history: 'history.jsonl',
  target: 'target.log',
  undo: 'undo.jsonl',
  databases: 'databases.jsonl.gz',
  manifest: 'manifest.json',
} as const;

/** The folder of the runs in a `.valerix`. */
export const gamedaysFolder = (home: string): string => join(home, 'gameday');

/** Makes a folder for a run; its name is the run's id (GAMEDAY_ID), unique even among runs that start in the same second. */
export function makeRunFolder(
  parent: string,
  experiment: string,
  now: Date = new Date(),
): { id: string; path: string } {
  mkdirSync(parent, { recursive: true });
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const name =
    experiment
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 70) || 'run';
  for (let attempt = 1; ; attempt++) {
    const id = `${stamp}-${name}${attempt === 1 ? '' : `-${attempt}`}`;
    const path = join(parent, id);
    try {
      mkdirSync(path);
      return { id, path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 100) throw error;
    }
  }
}

/** The experiment in a run's id, with the number that a second run in the same second has. */
export const experimentOf = (id: string): string => id.slice('2026-01-01T00-00-00-'.length);

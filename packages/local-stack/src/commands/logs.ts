import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalConfig } from '../config.ts';
import { homeAt } from '../home/home.ts';
import { LineSplitter } from '../home/line-splitter.ts';
import { Terminal } from './terminal.ts';

const POLL_EVERY_MS = 200;
const LINES_BEFORE = 20;
const bytesBefore = 64 * 1024;

/** Shows the last lines of every log, or of the named one; `follow` goes on until Ctrl-C. @returns 1 when there is no log */
export async function logs(config: LocalConfig, options: { name?: string; follow: boolean }): Promise<number> {
  const folder = homeAt(config.home).logs;
  const names = logNames(folder);
  if (names.length === 0) {
    console.error(`No logs yet in ${folder}; start with "make up".`);
    return 1;
  }
  if (options.name && !names.includes(options.name)) {
    console.error(`No log "${options.name}" in ${folder}. Logs: ${names.join(', ')}.`);
    return 1;
  }
  const terminal = new Terminal(config.color);
  const followed = new Map<string, FollowedFile>();
  do {
    // List the logs every time: a process may start while we follow.
    for (const name of options.name ? [options.name] : logNames(folder)) {
      if (!followed.has(name)) followed.set(name, new FollowedFile(join(folder, `${name}.log`), terminal));
      followed.get(name)?.read();
    }
    if (options.follow) await sleep(POLL_EVERY_MS);
  } while (options.follow);
  return 0;
}

function logNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'));
  return files.map((file) => basename(file, '.log')).sort();
}

/** Prints what was added to a file since the last read; after a rotation it starts again at the beginning. */
class FollowedFile {
  readonly #path: string;
  readonly #lines: LineSplitter;
  readonly #print: (line: string) => void;
  #position: number | undefined;
  /** The lines of the first read, of which only the last are printed. */
  readonly #held: string[] = [];

  constructor(path: string, terminal: Terminal) {
    this.#path = path;
    this.#print = (line) => terminal.log(basename(path, '.log'), line);
    this.#lines = new LineSplitter((line) => {
      if (this.#position === undefined) this.#held.push(line);
      else this.#print(line);
    });
  }

  read(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return;
    const from = this.#position ?? Math.max(0, size - bytesBefore);
    const start = from > size ? 0 : from;
    if (size > start) this.#lines.push(readPart(this.#path, start, size - start));
    this.#position = size;
    for (const line of this.#held.splice(0).slice(-LINES_BEFORE)) this.#print(line);
  }
}

function readPart(path: string, start: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(file, buffer, 0, length, start));
  } finally {
    closeSync(file);
  }
}

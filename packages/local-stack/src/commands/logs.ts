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

export interface LogsOptions {
  /** The process whose log is shown; all of them when absent. */
  name?: string;
  /** Go on with what is written from now on, until Ctrl-C. */
  follow: boolean;
}

/** Shows the last lines of every log, or of the one named, and follows them. @returns 1 when there is none */
export async function logs(config: LocalConfig, options: LogsOptions): Promise<number> {
  const folder = homeAt(config.home).logs;
  const names = logNames(folder);
  if (names.length === 0) {
    console.error(`No logs yet in ${folder}; start with "make up".`);
    return 1;
  }
  if (options.name && !names.includes(options.name)) {
    console.error(`No log "${options.name}" in ${folder}. There is: ${names.join(', ')}.`);
    return 1;
  }
  const terminal = new Terminal(config.color);
  const followed = new Map<string, FollowedFile>();
  do {
    // Looked for again each time: a process may be started while we follow.
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
  return readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'))
    .sort();
}

/** Reads what was added to a file since the last time; from its start again after it was rotated. */
class FollowedFile {
  readonly #path: string;
  readonly #lines: LineSplitter;
  #position: number | undefined;
  #held: string[] = [];

  constructor(path: string, terminal: Terminal) {
    this.#path = path;
    const name = basename(path, '.log');
    this.#lines = new LineSplitter((line) => {
      if (this.#position === undefined) this.#held.push(line);
      else terminal.log(name, line);
    });
  }

  read(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return;
    const from = this.#position ?? Math.max(0, size - bytesBefore);
    const start = from > size ? 0 : from;
    if (size > start) this.#lines.push(readPart(this.#path, start, size - start));
    const first = this.#position === undefined;
    this.#position = size;
    if (first) this.#printHeld();
  }

  #printHeld(): void {
    const held = this.#held.slice(-LINES_BEFORE);
    this.#held = [];
    for (const line of held) this.#lines.push(Buffer.from(`${line}\n`));
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

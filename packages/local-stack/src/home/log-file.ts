import { closeSync, copyFileSync, fstatSync, openSync, renameSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { Disk } from './disk.ts';

/** The size at which a log becomes `<name>.log.1` and a new one starts: at most 20 MB per process. */
const maxBytes = 10 * 1024 * 1024;

/** Marks the place where lines were lost. */
const GAP = Buffer.from('\n(Lines are missing here: they could not be written.)\n');

/** A log file of bounded size. Lines that the disk refuses are lost; a line marks the gap once the disk accepts some again. */
export class LogFile {
  readonly path: string;
  readonly #disk: Disk;
  #fd: number | undefined;
  #size = 0;
  #gap = false;

  constructor(path: string, disk: Disk) {
    this.path = path;
    this.#disk = disk;
  }

  write(chunk: Buffer): void {
    this.#disk.attempt(
      this.path,
      () => this.#append(chunk),
      () => this.#append(Buffer.alloc(0)),
    );
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(chunk: Buffer): void {
    const bytes = this.#gap ? Buffer.concat([GAP, chunk]) : chunk;
    // True until all of it is written.
    this.#gap = true;
    try {
      const written = writeSync(this.#open(), bytes);
      this.#size += written;
      if (written < bytes.length) throw new Error('ENOSPC: a part was written');
      this.#gap = false;
    } catch (error) {
      // Open it again: the path may now lead to a writable disk.
      this.close();
      throw error;
    }
  }

  #open(): number {
    if (this.#size >= maxBytes) {
      renameSync(this.path, `${this.path}.1`);
      this.close();
    }
    if (this.#fd !== undefined) return this.#fd;
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
    return this.#fd;
  }
}

/** Rotates a log that another process holds open for appending: copy it, then empty it. */
export function rotateByCopy(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

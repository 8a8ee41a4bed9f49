import { closeSync, copyFileSync, fstatSync, openSync, renameSync, statSync, truncateSync, writeSync } from 'node:fs';

/** The size at which a log becomes `<name>.log.1` and a new one starts: at most 20 MB per process. */
const maxBytes = 10 * 1024 * 1024;

/** A log file of bounded size. */
export class LogFile {
  readonly path: string;
  #fd: number;
  #size: number;

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
  }

  write(chunk: Buffer | string): void {
    try {
      if (this.#size >= maxBytes) this.#rotate();
      this.#size += writeSync(this.#fd, chunk as string);
    } catch {
      // A full disk must lose log lines, not stop the stack.
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #rotate(): void {
    closeSync(this.#fd);
    renameSync(this.path, `${this.path}.1`);
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#size = 0;
  }
}

/** Rotates a log that another process holds open for appending: copy it, then empty it. */
export function rotateByCopy(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

import { writeSync } from 'node:fs';
import pino from 'pino';

const WARN = pino.levels.values.warn as number;
const STDOUT = 1;

/** How long a line may wait for others, milliseconds. */
const HOLD_MS = 10;
/** Written when so much is held, characters: a pipe has room for it though its reader is late. */
const MAX_HELD = 16_384;

/**
 * Where pino writes: the lines of some milliseconds together, so one system call instead of one a line, and whoever reads them
 * wakes up once. A warning or worse is written at once, with all before it, so that the reason of a crash is never among the
 * lines that a killed process takes along. (`pino.destination` can hold lines back too, but its `flushSync` ends with an fsync.)
 */
export function linesTogether(write: (text: string) => void = toStdout) {
  let held = '';
  const flushSync = () => {
    const text = held;
    held = '';
    if (text !== '') write(text);
  };
  const timer = setTimeout(flushSync, HOLD_MS).unref();
  process.on('exit', flushSync);
  return {
    // Makes pino say the level of each line in `lastLevel` before it writes.
    [Symbol.for('pino.metadata')]: true as const,
    lastLevel: 0,
    write(line: string): void {
      if (held === '') timer.refresh();
      held += line;
      if (this.lastLevel >= WARN || held.length >= MAX_HELD) flushSync();
    },
    flushSync,
  };
}

function toStdout(text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      // Nobody reads any more (EPIPE and the like): no reason to stop serving.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // The pipe is full: wait for its reader, as a blocking write would.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

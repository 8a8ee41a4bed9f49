import { writeSync } from 'node:fs';
import pino from 'pino';

const WARN = pino.levels.values.warn as number;
const STDOUT = 1;

/** How long a line may wait for others, milliseconds. */
const HOLD_MS = 10;
/** Held lines are written at this size, in characters: a pipe has room for that even if its reader is late. */
const MAX_HELD = 16_384;

/**
 * pino's destination. It writes the lines of a few milliseconds with one system call, which wakes their reader once. A warning
 * or worse is written at once with all lines before it: a killed process must not lose the reason for its crash.
 * (`pino.destination` can hold lines back too, but its `flushSync` ends with an fsync.)
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
    // Makes pino set `lastLevel` before it writes a line.
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
      // The reader is gone (EPIPE and the like): keep serving.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // The pipe is full: wait for its reader, like a blocking write.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

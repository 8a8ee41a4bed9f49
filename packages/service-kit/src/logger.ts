import pino from 'pino';

export type Logger = pino.Logger;

/** One JSON line per entry on standard output. ERROR means that a person must act. */
export function createLogger(options: { service: string; replica: string; level: string }): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, replica: options.replica },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: ['req.headers.authorization', 'req.headers.cookie'], remove: true },
    },
    linesOfOneTurn(pino.destination({ fd: 1, sync: true, minLength: 16_000 })),
  );
}

const WARN = pino.levels.values.warn as number;

/** Where lines go, and the way to write out what is held back. */
export interface LineSink {
  write(text: string): unknown;
  flushSync(): void;
}

/**
 * Writes the lines of one turn of the event loop together: a system call a turn instead of one a line, and whoever reads them
 * wakes up once. A warning or worse is written at once, with all before it, so that the reason of a crash is never among the
 * lines that a killed process takes along.
 */
export function linesOfOneTurn(sink: LineSink) {
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    sink.flushSync();
  };
  process.on('exit', flush);
  return {
    // pino then says the level of each line in `lastLevel` before it writes.
    [Symbol.for('pino.metadata')]: true as const,
    lastLevel: 0,
    write(line: string): void {
      sink.write(line);
      if (this.lastLevel >= WARN) flush();
      else if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
    },
    flushSync: flush,
  };
}

/** What a person needs of an error. A driver's own fields, such as pg's whole client, stay out of the log. */
export function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, ...(code !== undefined && { code }), stack: error.stack };
}

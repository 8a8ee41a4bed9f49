import pino from 'pino';
import { linesTogether } from './log-lines.ts';

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
    linesTogether(),
  );
}

/** The parts of an error that a person needs. A driver's own fields, such as pg's whole client, stay out of the log. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, ...(code !== undefined && { code }), stack: error.stack };
}

import pino from 'pino';

export type Logger = pino.Logger;

/** One JSON line per entry on standard output. ERROR means that a person must act. */
export function createLogger(options: { service: string; replica: string; level: string }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service, replica: options.replica },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['req.headers.authorization', 'req.headers.cookie'], remove: true },
  });
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A log line formatted for a person. */
export interface ReadableLine {
  /** Undefined when the line is not JSON: a stack trace, a warning of Node.js. */
  level: Level | undefined;
  text: string;
}

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** True for lines always shown: warnings, errors, and lines that are not JSON. */
export function isLoud(line: string): boolean {
  const level = levelOf(line);
  return level === undefined || levels.indexOf(level) >= levels.indexOf('warn');
}

/** The level of a pino line, a number (10 to 60) or a name. A regular expression, because thousands of lines may come a second. */
export function levelOf(line: string): Level | undefined {
  if (!line.startsWith('{')) return undefined;
  const found = /"level":(?:(\d+)|"(\w+)")/.exec(line);
  if (found?.[1]) return levels[Math.floor(Number(found[1]) / 10) - 1];
  return levels.find((level) => level === found?.[2]?.toLowerCase());
}

/** Formats a JSON log line as level, message, fields. Returns any other line unchanged. */
export function readableLine(line: string): ReadableLine {
  const level = levelOf(line);
  const fields = level && parseObject(line);
  if (!level || !fields) return { level: undefined, text: line };
  const message = typeof fields.msg === 'string' ? fields.msg : '';
  const words = [level.toUpperCase().padEnd(5), message, ...pairs(fields, message)];
  return { level, text: words.filter(Boolean).join(' ') + trace(fields) };
}

// The prefix already shows these, or every line repeats them; `req` and `res` repeat the message.
const hidden = new Set(['level', 'time', 'pid', 'hostname', 'name', 'service', 'replica', 'msg', 'req', 'res', 'err']);

const LONGEST = 120;

function pairs(fields: Record<string, unknown>, message: string): string[] {
  const said = new Set(message.split(' '));
  return Object.entries(fields)
    .filter(([key, value]) => !hidden.has(key) && value !== undefined && value !== null && !said.has(String(value)))
    .map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${key}=${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
    });
}

function trace({ err }: Record<string, unknown>): string {
  const { message, stack } = asObject(err);
  if (typeof stack === 'string') return `\n${stack}`;
  return typeof message === 'string' ? ` err=${message}` : '';
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A log line as a person wants to read it. */
export interface ReadableLine {
  /** Undefined for a line that is no JSON log line: a stack trace, a warning of Node.js. */
  level: Level | undefined;
  text: string;
}

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** True for lines somebody should see without asking: warnings, errors, and what is no JSON at all. */
export function isLoud(line: string): boolean {
  const level = levelOf(line);
  return level === undefined || levels.indexOf(level) >= levels.indexOf('warn');
}

/** The level of a pino line, by number (10 to 60) or by name, read without parsing: there may be thousands a second. */
export function levelOf(line: string): Level | undefined {
  if (!line.startsWith('{')) return undefined;
  const found = /"level":(?:(\d+)|"(\w+)")/.exec(line);
  if (found?.[1]) return levels[Math.floor(Number(found[1]) / 10) - 1];
  return levels.find((level) => level === found?.[2]?.toLowerCase());
}

/** One line of text for one line of JSON: level, message, then the fields; what is no JSON stays as it is. */
export function readableLine(line: string): ReadableLine {
  const level = levelOf(line);
  const fields = level && parseObject(line);
  if (!level || !fields) return { level: undefined, text: line };
  const message = typeof fields.msg === 'string' ? fields.msg : '';
  const words = [level.toUpperCase().padEnd(5), message, ...pairs(fields, message)];
  return { level, text: words.filter(Boolean).join(' ') + trace(fields) };
}

// Said by the prefix, or the same in every line of the process; `req` and `res` repeat what the message says.
const unsaid = new Set(['level', 'time', 'pid', 'hostname', 'name', 'service', 'replica', 'msg', 'req', 'res', 'err']);

const LONGEST = 120;

function pairs(fields: Record<string, unknown>, message: string): string[] {
  const said = new Set(message.split(' '));
  return Object.entries(fields)
    .filter(([key, value]) => !unsaid.has(key) && value !== undefined && value !== null && !said.has(String(value)))
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

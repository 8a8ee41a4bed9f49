import { readFileSync } from 'node:fs';
import type { StackEnv } from '../stack/process-table.ts';
import { type Home, writePrivately } from './home.ts';

/** Writes `.valerix/env`, the dotenv file of the stack for people and scripts: a shell that sources it reads the same. */
export function writeEnvFile(home: Home, env: StackEnv): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  writePrivately(home.envFile, `# Written by "make up" at every start.\n${lines.join('\n')}\n`);
}

/** What the last start wrote; nothing when there was none. */
export function readEnvFile(home: Home): Partial<StackEnv> {
  try {
    return parseDotenv(readFileSync(home.envFile, 'utf8'));
  } catch {
    return {};
  }
}

// A query with "&", or a token with a space or "$", means something to a shell.
const quoted = (value: string): string => (/^[\w.:/@%+,-]*$/.test(value) ? value : `'${value.replaceAll("'", QUOTE)}'`);
const unquoted = (text: string): string => (/^'.*'$/.test(text) ? text.slice(1, -1).replaceAll(QUOTE, "'") : text);
/** A single quote within single quotes, as a shell wants it. */
const QUOTE = `'\\''`;

/** The assignments of a dotenv file as we write it: single quotes or none, no substitutions. */
export function parseDotenv(text: string): Partial<StackEnv> {
  const pairs = text
    .split('\n')
    .map((line) => /^([A-Z_]+)=(.*)$/.exec(line))
    .flatMap((match) => (match ? [[match[1], unquoted(match[2] ?? '')]] : []));
  return Object.fromEntries(pairs) as Partial<StackEnv>;
}

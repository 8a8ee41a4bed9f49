import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { StackEnv } from '../config.ts';
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
/** A single quote within single quotes, as a shell wants it. */
const QUOTE = `'\\''`;
/** A character that no value holds stands for such a quote while `parseEnv` reads, which knows no escapes. */
const STAND_IN = '\u0001';

/** The assignments of a dotenv file as we write it: single quotes or none, no substitutions. */
export function parseDotenv(text: string): Partial<StackEnv> {
  const pairs = Object.entries(parseEnv(text.replaceAll(QUOTE, STAND_IN)));
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, value?.replaceAll(STAND_IN, "'")]),
  ) as Partial<StackEnv>;
}

import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { StackEnv } from '../config.ts';
import { type Home, writePrivately } from './home.ts';

/** Writes `.valerix/env`, a dotenv file for people and scripts that a shell can also source. */
export function writeEnvFile(home: Home, env: StackEnv): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const text = `# Written by "make up" at every start.\n${lines.join('\n')}\n`;
  home.disk.attempt(home.envFile, () => writePrivately(home.envFile, text));
}

/** Reads what the last start wrote; empty when there is no file. */
export function readEnvFile(home: Home): Partial<StackEnv> {
  try {
    return parseDotenv(readFileSync(home.envFile, 'utf8'));
  } catch {
    return {};
  }
}

// A shell would interpret "&" in a query, or a space or "$" in a token.
const quoted = (value: string): string => (/^[\w.:/@%+,-]*$/.test(value) ? value : `'${value.replaceAll("'", QUOTE)}'`);
/** How a shell writes a single quote inside single quotes. */
const QUOTE = `'\\''`;
/** `parseEnv` knows no escapes: this character, which no value contains, replaces such a quote while it reads. */
const STAND_IN = '\u0001';

/** Parses a dotenv file in the form we write: single quotes or none, no substitutions. */
export function parseDotenv(text: string): Partial<StackEnv> {
  const pairs = Object.entries(parseEnv(text.replaceAll(QUOTE, STAND_IN)));
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, value?.replaceAll(STAND_IN, "'")]),
  ) as Partial<StackEnv>;
}

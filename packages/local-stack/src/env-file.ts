import { readFileSync } from 'node:fs';
import { type Home, writePrivately } from './home.ts';
import type { StackEnv } from './process-table.ts';

/** Writes `.valerix/env`, the dotenv file of the stack for people and scripts. */
export function writeEnvFile(home: Home, env: StackEnv): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
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

/** The assignments of a dotenv file as we write it: no quotes, no substitutions. */
export function parseDotenv(text: string): Partial<StackEnv> {
  const pairs = text
    .split('\n')
    .map((line) => /^([A-Z_]+)=(.*)$/.exec(line))
    .flatMap((match) => (match ? [[match[1], match[2]]] : []));
  return Object.fromEntries(pairs) as Partial<StackEnv>;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running stack says of itself in its `.valerix/env`; empty when there is none. */
export function readStackEnv(home: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(join(home, 'env'), 'utf8');
  } catch {
    return {};
  }
  const pairs = text.split('\n').map((line) => /^([A-Z_]+)=(.*)$/.exec(line));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
}

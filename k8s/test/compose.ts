import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { composeVariables, randomPasswords } from '../src/secrets.ts';
import { root } from './render.ts';

export interface ComposeService {
  image: string;
  build?: { context: string; dockerfile?: string; args?: { SERVICE: string } };
  environment?: Record<string, string>;
  ports?: string[];
  networks?: string[];
  volumes?: string[];
  restart?: string;
  read_only?: boolean;
  user?: string;
  cap_drop?: string[];
  security_opt?: string[];
  profiles?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
  deploy?: { resources?: { limits?: { memory?: string } } };
}

export interface Compose {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
}

/** docker-compose.yml as written, with its `${…}`. */
export const composeText = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

/** docker-compose.yml as the engine reads it, with the variables that `make secrets` writes, and those given. */
export function readCompose(given: Record<string, string> = {}): Compose {
  const variables: Record<string, string> = { ...composeVariables(randomPasswords()), ...given };
  const text = composeText.replaceAll(
    /\$?\$\{(\w+)(?::([-?+])([^}]*))?\}/g,
    (all, name: string, how?: string, rest = '') => {
      if (all.startsWith('$$')) return all.slice(1);
      if (how === '+') return variables[name] ? rest : '';
      const value = variables[name] ?? (how === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`docker-compose.yml needs ${name}, which "make secrets" does not write`);
      return value;
    },
  );
  return parse(text, { merge: true }) as Compose;
}

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { answerWithUsage } from '@valerix/local-stack/commands/answer-with-usage';
import {
  composeVariables,
  dotenv,
  kubernetesSecrets,
  randomPasswords,
  secretsKustomization,
  type Variables,
} from './secrets.ts';

/** The overlays with Secrets: each is a separate installation with its own passwords. */
export const overlays = ['kind', 'doks'] as const;

/**
 * Writes the secrets of every kind of installation below `root`: `.env` for compose, one file per Secret for each
 * overlay. An installation with any of its files keeps them: a database does not change its password.
 * @returns a line per installation.
 */
export function writeSecrets(root: string): string[] {
  return [
    write(root, '.env', { '.env': composeVariables(randomPasswords()) }),
    ...overlays.map((name) => writeOverlay(root, name)),
  ];
}

/** The Secrets of one overlay. @returns what was done, in a line. */
export function writeOverlay(root: string, name: string): string {
  const folder = join('k8s/overlays', name, 'secrets');
  const secrets = kubernetesSecrets(randomPasswords());
  const files = Object.entries(secrets).map(([secret, values]) => [`${folder}/${secret}.env`, values] as const);
  const done = write(root, folder, Object.fromEntries(files));
  writeFileSync(join(root, folder, 'kustomization.yaml'), secretsKustomization(secrets));
  return done;
}

function write(root: string, what: string, files: Readonly<Record<string, Variables>>): string {
  const paths = Object.keys(files);
  const there = paths.filter((path) => existsSync(join(root, path)));
  if (there.length === paths.length) return `${what}: kept as it is`;
  // Refuse to complete a partial installation: existing passwords may not match new ones.
  if (there.length > 0) {
    const missing = paths.filter((path) => !there.includes(path));
    throw new Error(`${what} is incomplete: ${missing.join(', ')} missing. Restore them, or delete the rest too.`);
  }
  for (const [path, values] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    // `wx`: never overwrite a file that another process wrote meanwhile.
    writeFileSync(join(root, path), dotenv(values), { mode: 0o600, flag: 'wx' });
  }
  return `${what}: written`;
}

const usage = `Usage: npx node k8s/src/write-secrets.ts

Writes random passwords: .env for docker compose, and k8s/overlays/*/secrets for Kubernetes. Those that are there are kept.`;

if (import.meta.main) {
  const answered = answerWithUsage(usage, process.argv.slice(2));
  if (answered !== undefined) process.exit(answered);
  const root = resolve(import.meta.dirname, '../..');
  try {
    for (const line of writeSecrets(root)) console.log(line);
  } catch (error) {
    console.error(`${relative(root, import.meta.filename)}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

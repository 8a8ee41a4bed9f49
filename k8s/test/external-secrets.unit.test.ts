import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesSecrets, randomPasswords } from '../src/secrets.ts';
import { idOf, type Manifest, ofKind, valuesOf } from './manifests.ts';
import { render, root, type Target, targets } from './render.ts';
import { schemaProblems } from './schemas.ts';

const target = targets.find(({ components }) => components.includes('external-secrets')) as Target;

it('the store makes the same Secrets, with the same keys, as the files do', () => {
  const keysOf = (values: object) => Object.keys(values).sort();
  const fromStore = ofKind(render(target), 'ExternalSecret').map((one) => [one.metadata.name, keysOf(valuesOf(one))]);
  const fromFiles = Object.entries(kubernetesSecrets(randomPasswords())).map(([name, values]) => [
    name,
    keysOf(values),
  ]);
  expect(Object.fromEntries(fromStore)).toEqual(Object.fromEntries(fromFiles));
  expect(ofKind(render(target), 'Secret')).toEqual([]);
}, 60_000);

it('every property that a template names is fetched, and none besides', () => {
  for (const { metadata, spec } of ofKind(render(target), 'ExternalSecret')) {
    const { target: made, data } = spec as { target: object; data: { secretKey: string }[] };
    const named = [...JSON.stringify(made).matchAll(/\{\{ \.([a-z_]+)(?: \| urlquery)? \}\}/g)].map(([, name]) => name);
    expect([...new Set(named)].sort(), metadata.name).toEqual(data.map(({ secretKey }) => secretKey).sort());
    expect(JSON.stringify(made)).not.toContain('__');
  }
}, 60_000);

it.each(['vault', 'digitalocean'])('the example store for %s fits the schemas of its kinds', async (name) => {
  const text = readFileSync(join(root, `k8s/components/external-secrets/store-${name}.yaml`), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  expect(objects.map(idOf)).toContain('SecretStore/valerix');
  for (const object of objects) expect(await schemaProblems(object), idOf(object)).toEqual([]);
});

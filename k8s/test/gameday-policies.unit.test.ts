import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaration, SERVICE_KEYS } from '@valerix/system';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { idOf, type Manifest } from './manifests.ts';
import { allowedEdges } from './network-edges.ts';
import { render, root, type Target, targets } from './render.ts';
import { schemaProblems } from './schemas.ts';

const shipped = (name: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(root, 'gameday/k8s', name), 'utf8')).map((document) => document.toJS());
const objects = [...shipped('rbac.yaml'), ...shipped('network-policies.yaml')];

const pod = { metadata: { labels: { 'app.kubernetes.io/name': 'valerix-gameday' } }, spec: { containers: [] } };
const gameday: Manifest = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'valerix-gameday' },
  spec: { template: pod },
};

it('the objects of a game day fit the schemas of their kinds', async () => {
  for (const object of objects) expect(await schemaProblems(object), idOf(object)).toEqual([]);
});

const installations = targets.filter(({ folder, components }) =>
  components.length === 0 ? folder === 'overlays/kind' : components.join() === 'ha-postgres',
);
it.each<Target>(installations)(
  'a game day in a pod of $name reaches what it needs, and nothing else',
  (target) => {
    const without = allowedEdges([...render(target), gameday]);
    const { inside, outside, dangling } = allowedEdges([...render(target), gameday, ...objects]);
    expect(dangling).toEqual([]);
    const services = SERVICE_KEYS.map((key) => `${declaration(key).name}:${declaration(key).port}`);
    expect(inside.filter((edge) => !without.inside.includes(edge))).toEqual(
      [...services, 'postgres:5432', 'redis:6379'].map((server) => `valerix-gameday -> ${server}`).sort(),
    );
    expect(outside.filter((edge) => !without.outside.includes(edge))).toEqual([
      'valerix-gameday -> anywhere:443',
      'valerix-gameday -> anywhere:6443',
    ]);
  },
  60_000,
);

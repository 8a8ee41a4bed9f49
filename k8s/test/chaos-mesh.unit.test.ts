import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { experiment } from './chaos-mesh-schema.ts';
import { matches, workloads } from './manifests.ts';
import { render, root, type Target, targets } from './render.ts';

const folder = join(root, 'k8s/chaos-mesh');

// One file, one experiment, and applying it starts it. In a deployment it would strike at once or never: Chaos Mesh takes no
// notice of the pause of a pod-kill, and counts every duration from the creation. `schemas.ts` knows none, so none gets there.
it.each(readdirSync(folder))(
  '%s fits the schema of its kind, and finds its pods',
  (file) => {
    const found = experiment('valerix').parse(parse(readFileSync(join(folder, file), 'utf8')));
    expect(found.metadata.name).toBe(basename(file, '.yaml'));
    const pods = workloads(render(targets.find(({ name }) => name === 'overlay kind') as Target));
    const target = 'target' in found.spec ? found.spec.target : undefined;
    for (const selector of [found.spec.selector, ...(target ? [target.selector] : [])]) {
      const wanted = 'labelSelectors' in selector ? selector.labelSelectors : {};
      expect(pods.some(({ labels }) => matches(labels, wanted))).toBe(true);
      expect(Object.keys(wanted)).not.toEqual([]);
    }
  },
  60_000,
);

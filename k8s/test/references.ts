import { containersOf, environmentOf, type Manifest, named, valuesOf, workloads } from './manifests.ts';
import type { Rule } from './policies.ts';

/** Every ConfigMap, Secret, key, ServiceAccount and volume that a pod names exists. */
export const referencesExist: Rule = (manifests) =>
  workloads(manifests).flatMap(({ id, pod }) => {
    const problems: string[] = [];
    const attempt = (what: () => unknown) => {
      try {
        what();
      } catch (error) {
        problems.push(`${id}: ${(error as Error).message}`);
      }
    };
    attempt(() => named(manifests, 'ServiceAccount', pod.serviceAccountName ?? 'default'));
    for (const container of containersOf(pod)) {
      attempt(() => environmentOf(container, manifests));
      for (const { name, mountPath } of container.volumeMounts ?? []) {
        const known =
          (pod.volumes ?? []).some((volume) => volume.name === name) || claimsOf(manifests, id).includes(name);
        if (!known) problems.push(`${id} ${container.name}: nothing to mount at ${mountPath}`);
      }
    }
    for (const volume of pod.volumes ?? []) {
      const sources = [volume, ...(volume.projected?.sources ?? [])];
      for (const { configMap, secret } of sources as { configMap?: Source; secret?: Source }[]) {
        if (configMap) attempt(() => keysExist(named(manifests, 'ConfigMap', configMap.name as string), configMap));
        if (secret)
          attempt(() => keysExist(named(manifests, 'Secret', (secret.secretName ?? secret.name) as string), secret));
      }
      const claim = volume.persistentVolumeClaim?.claimName;
      if (claim) attempt(() => named(manifests, 'PersistentVolumeClaim', claim));
    }
    return problems;
  });

interface Source {
  name?: string;
  secretName?: string;
  items?: { key: string }[];
}

function keysExist(manifest: Manifest, { items = [] }: Source): void {
  const values = valuesOf(manifest);
  for (const { key } of items) if (!(key in values)) throw new Error(`${manifest.metadata.name} has no key ${key}`);
}

function claimsOf(manifests: readonly Manifest[], id: string): string[] {
  const owner = manifests.find(({ kind, metadata }) => `${kind}/${metadata.name}` === id);
  const templates = owner?.spec?.volumeClaimTemplates as { metadata: { name: string } }[] | undefined;
  return templates?.map(({ metadata }) => metadata.name) ?? [];
}
